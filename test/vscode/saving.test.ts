import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures, SAMPLE } from "./pictures.js";
import { canMount, mountSmall, unmount, unwritableFolder } from "./server/places.js";
import {
  explainByCommandLine,
  explainFinished,
  keepFailures,
  processCount,
  runTitles,
  type CliExplanation,
} from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const mayMount = canMount(path.join(tmpdir(), "dexar-mount-trial"));

describe("saving", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures });
    await explainFinished(vscode, "burger.png");
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);

  /** Exports the panel's data to a file through the palette and the dialog. */
  async function exportData(file: string): Promise<void> {
    const { workbench } = vscode;
    await workbench.tab(/burger\.png/).click();
    await workbench.runCommand("DEX-AR: Export Data (JSON)…");
    await answerDialog(file);
  }

  async function answerDialog(file: string): Promise<void> {
    await vscode.workbench.saveTo(file, "Save the Explanation");
  }

  it("exports the numbers that the command line prints", async () => {
    const file = path.join(vscode.server.workspace, "burger.json");
    await exportData(file);
    await expect.poll(() => existsSync(file)).toBe(true);
    const exported = JSON.parse(readFileSync(file, "utf8")) as CliExplanation;
    const printed = explainByCommandLine([SAMPLE, "--live"]);
    expect(exported.answer).toBe(printed.answer);
    const short = exported.tokens.map(({ heatmap: _, sources, ...token }) => {
      expect(Object.keys(sources)).toEqual(["all", "image", "text"]);
      return { ...token, sources: { all: sources["all"] } };
    });
    expect(short).toEqual(printed.tokens);
  });

  it("saves one and the same figure from the panel, from the Runs view without a panel, and by command", async () => {
    const { workbench, server } = vscode;
    const place = (name: string): string => path.join(server.workspace, name);
    const saved = async (name: string): Promise<Buffer> => {
      await answerDialog(place(name));
      await expect.poll(() => existsSync(place(name))).toBe(true);
      return readFileSync(place(name));
    };
    await workbench.runCommand("DEX-AR: Export Picture (SVG)…");
    const fromPanel = await saved("panel.svg");
    await workbench.runCommand("DEX-AR: Export Picture (PNG)…");
    const png = await saved("panel.png");
    await workbench.closeTab(/burger\.png/);
    await workbench.openViews("DEX-AR");
    const exportRun = async (format: string): Promise<void> => {
      await workbench.contextMenu(workbench.viewRow("Runs", /burger\.png/).first(), "Export Run…");
      await workbench.quickInput().pick(format);
    };
    await exportRun("Picture (SVG)");
    const fromView = await saved("view.svg");
    await exportRun("Picture (PNG)");
    const drawn = await saved("view.png");
    await processCount(vscode, 1);
    explainByCommandLine([SAMPLE, "--live", "--svg", place("command.svg")]);
    const words = (svg: Buffer): string => svg.toString("utf8").replaceAll(/data:[^"]+|[\w-]+\.png/g, "");
    expect(words(fromPanel)).toContain("Whole answer");
    expect(words(fromView)).toBe(words(fromPanel));
    expect(words(readFileSync(place("command.svg")))).toBe(words(fromPanel));
    // Width, height and resolution of 84 mm at 300 pixels per inch.
    const facts = (file: Buffer): unknown[] => {
      const resolution = file.indexOf("pHYs");
      return [file.readUInt32BE(16), file.readUInt32BE(20), file.readUInt32BE(resolution + 4)];
    };
    expect(facts(png)).toEqual([992, expect.any(Number), 11811]);
    expect(facts(drawn)).toEqual(facts(png));
    await workbench
      .viewRow("Runs", /burger\.png/)
      .first()
      .dblclick();
    await vscode.panel.finished();
  });

  it("where nothing can be written: says so, leaves nothing there, and saves elsewhere", async () => {
    const folder = path.join(vscode.server.folder, "unwritable");
    const place = unwritableFolder(folder);
    try {
      await exportData(path.join(folder, "burger.json"));
      await vscode.workbench.notification("The run is not lost.").waitFor();
      await vscode.screenshot("fault-read-only");
      expect(readdirSync(folder)).toEqual([]);
      await vscode.workbench.answerNotification("The run is not lost.", "Save Elsewhere…");
      const elsewhere = path.join(vscode.server.workspace, "elsewhere.json");
      await answerDialog(elsewhere);
      await expect.poll(() => existsSync(elsewhere)).toBe(true);
    } finally {
      place.remove();
    }
  });

  // Only root can make a disk that is full; CI is.
  it.skipIf(!mayMount && !process.env["CI"])("on a full disk: says so and leaves no half file", async () => {
    const folder = path.join(vscode.server.folder, "full");
    mountSmall(folder, 4);
    try {
      await exportData(path.join(folder, "burger.json"));
      await vscode.workbench.notification("the disk is full").waitFor();
      expect(readdirSync(folder)).toEqual([]);
      await vscode.screenshot("fault-disk-full");
    } finally {
      unmount(folder);
    }
  });

  it.skipIf(!mayMount && !process.env["CI"])(
    "a run that finds no room in the storage is kept elsewhere and says so; the run before it stays",
    async () => {
      const { panel, workbench, server } = vscode;
      const storage = path.join(server.userDataDir, "User/workspaceStorage");
      const runs = readdirSync(storage)
        .map((name) => path.join(storage, name, "dexar.dexar/runs"))
        .find((folder) => existsSync(folder));
      if (runs === undefined) throw new Error("the extension keeps no runs");
      await workbench.tab(/burger\.png/).click();
      mountSmall(runs, 8);
      try {
        await panel.run.click();
        await panel.notes.filter({ hasText: "no space is left" }).waitFor();
        await panel.finished();
        await vscode.screenshot("fault-storage-full");
      } finally {
        unmount(runs);
      }
      await expect.poll(() => runTitles(vscode)).toHaveLength(2);
      await workbench
        .viewRow("Runs", /burger\.png/)
        .last()
        .dblclick();
      await panel.notes.filter({ hasText: "no space is left" }).waitFor({ state: "hidden" });
      await panel.finished();
    },
  );
});
