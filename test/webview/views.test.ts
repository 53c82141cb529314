import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Rectangle, Run, RunInfo } from "../../src/core/run/types.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { findChromium, launchBrowser } from "../helpers/browser.js";
import { layoutProblems } from "../helpers/layoutProblems.js";
import { openPanel, servePanel } from "../helpers/panelPage.js";
import { sampleRun } from "../helpers/sampleRun.js";
import { settled } from "../helpers/settled.js";

const chromium = findChromium();

/** A token without a place, 16 x 8 cells of tiles, and 5 x 3 of the whole picture (240 x 160) below them. */
const CELLS: readonly Rectangle[] = [
  [0, 0, 0, 0],
  ...Array.from({ length: 128 }, (_, i): Rectangle => [15 * (i % 16), 20 * Math.floor(i / 16), 15, 20]),
  ...Array.from({ length: 15 }, (_, i): Rectangle => [
    48 * (i % 5),
    (160 / 3) * Math.floor(i / 5),
    48,
    160 / 3,
  ]),
];

async function runFile(change: (info: RunInfo) => RunInfo): Promise<Uint8Array> {
  const sample = await sampleRun({ width: 240, height: 160 });
  const run: Run = { ...sample, info: change(sample.info) };
  return writeRun(run, attribute(attributionInput(run), run.info.settings));
}

// Without a Chromium the page cannot be tried; on CI it must be there.
describe.skipIf(chromium === undefined && !process.env["CI"])(
  "models that see the picture in several views",
  () => {
    let browser: Browser | undefined;
    let server: { address: string; close: () => void } | undefined;

    beforeAll(async () => {
      const views = await runFile((info) => ({
        ...info,
        cells: CELLS,
        model: { ...info.model, layerNumbers: [2, 5, 8, 10] },
      }));
      const encoder = await runFile((info) => ({ ...info, model: { ...info.model, attends: "encoder" } }));
      server = await servePanel(
        new Map([
          ["views", views],
          ["encoder", encoder],
        ]),
      );
      browser = await launchBrowser(chromium ?? "chromium");
    });
    afterAll(async () => {
      await browser?.close();
      server?.close();
    });
    const open = async (run: string, width: number) => {
      if (!browser || !server) throw new Error("Chromium did not start");
      return openPanel(browser, server.address, { run, width });
    };

    it.each([1200, 480])("names each view, and what the picture cannot show, at %i pixels", async (width) => {
      const { page, problems } = await open("views", width);
      const readout = page.locator(".readout.cell");
      const box = await page.locator(".stage").boundingBox();
      await page.mouse.move(
        (box?.x ?? 0) + 0.9 * (box?.width ?? 0),
        (box?.y ?? 0) + 0.9 * (box?.height ?? 0),
      );
      await settled(page);
      expect(await readout.textContent()).toMatch(
        /^tiles, row 8, column 15: .* · whole view, row 3, column 5: /,
      );
      await page.locator(".stage").focus();
      await page.keyboard.press("Escape");
      for (const key of ["ArrowRight", "ArrowLeft", "ArrowUp"]) await page.keyboard.press(key);
      await settled(page);
      expect(await readout.textContent()).toMatch(/^tiles, row 1, column 1: /);
      await expect
        .poll(() => page.locator(".caption .placeless").textContent())
        .toMatch(/% of this map is on an image token that has no place in the picture\.$/);
      await page.locator(".picture-panel details", { hasText: "As a table" }).locator("summary").click();
      await settled(page);
      const tables = page.locator(".picture-panel table.numbers");
      expect(await tables.locator("thead td").allTextContents()).toEqual(["tiles", "whole view"]);
      expect(await tables.locator("tbody td").count()).toBe(128 + 15);
      expect(await page.locator(".layers .note").textContent()).toContain("the model's layers 2, 5, 8, 10.");
      expect(await layoutProblems(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    });

    it("leaves out the answer so far where an encoder has no positions for it", async () => {
      const { page, problems } = await open("encoder", 1200);
      expect(await page.locator(".prompt-words .word-group").count()).toBeGreaterThan(0);
      expect(await page.locator('.prompt-words [data-part="answer"]').count()).toBe(0);
      expect(problems).toEqual([]);
      await page.context().close();
    });
  },
);
