import { cpSync } from "node:fs";
import path from "node:path";
import type { FrameLocator, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { THEMES } from "./pages/themes.js";
import { addPictures } from "./pictures.js";
import { keepFailures } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const FOLDER = "test/families/qwen2vl";

describe("the page about a model folder and the report on this machine", () => {
  let vscode: VscodeWindow;
  let page: FrameLocator;
  beforeAll(async () => {
    vscode = await openWindow({
      vsix: builtVsix(),
      // The theme that leaves most of its colours undefined.
      settings: { "workbench.colorTheme": THEMES["hc-black"].name },
      prepare: (workspace) => {
        addPictures(workspace);
        cpSync(FOLDER, path.join(workspace, "tiny-qwen"), { recursive: true });
      },
    });
    ({ page } = vscode.panel);
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  const link = (): Locator => page.getByRole("link", { name: "Choose a picture…" });
  async function choosePicture(name: string): Promise<void> {
    await link().click();
    await vscode.workbench.saveTo(path.join(vscode.server.workspace, name), "Choose a Picture");
  }

  it("a folder of the explorer is looked into; its page has its styles and no scripts", async () => {
    const { workbench } = vscode;
    await workbench.contextMenu(workbench.file("tiny-qwen"), "Inspect Model…");
    await workbench.tab("Model: tiny-qwen").waitFor();
    await page.getByText("Nothing stands in the way of explaining it.").waitFor();
    const facts = await page.locator("tr", { hasText: "Family" }).first().textContent();
    expect(facts).toBe("Familyqwen2-vl");
    expect(await page.locator("rect.cell").count()).toBe(35);
    // The editor's own styles would leave headings in bold, large letters: ours were let in by the policy.
    expect(
      await page
        .locator("h2")
        .first()
        .evaluate((node) => getComputedStyle(node).fontSize),
    ).toBe("11px");
    for (const kind of ["cell", "seen"]) {
      const drawn = page.locator(`rect.${kind}`).first();
      expect(await drawn.evaluate((node) => getComputedStyle(node).stroke)).toMatch(/^rgb/);
    }
    expect(await page.locator("body > script").count()).toBe(0);
  });

  it("with a picture the same page shows its cells; one that is none is a problem, and another can be chosen", async () => {
    await choosePicture("words.png");
    await page.locator(".problem code", { hasText: "not-an-image" }).waitFor();
    await choosePicture("burger.png");
    await page.getByText("of burger.png (96 x 96)").waitFor();
    expect(await page.locator("rect.cell").count()).toBe(36);
    const shown = page.locator("svg image");
    expect(await shown.getAttribute("href")).toMatch(/^data:image\/png;base64,/);
    expect(await vscode.workbench.tab("Model: tiny-qwen").count()).toBe(1);
    await vscode.screenshot("inspect-model");
  });

  it("the report on this machine opens as a text to be pasted", async () => {
    const { workbench, page: window } = vscode;
    await workbench.runCommand("DEX-AR: Show Report on This Machine");
    const lines = window.locator(".part.editor .view-lines");
    await expect
      .poll(() => lines.innerText().then((text) => text.replaceAll("\u00a0", " ")))
      .toMatch(/^dexar \d/);
    const text = (await lines.innerText()).replaceAll("\u00a0", " ");
    for (const words of ["ONNX Runtime", "Machine\n", "Devices\n", "cpu     works", "extension  dexar.dexar"])
      expect(text).toContain(words);
    await vscode.screenshot("report-on-this-machine");
  });
});
