import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import type { Figure } from "../../../src/core/figure/types.js";
import { unpackArrays } from "../../../src/core/run/packArrays.js";
import { formatNumber } from "../../../src/core/run/formatNumber.js";
import { readRun } from "../../../src/core/run/readRun.js";
import type { ReportData } from "../../../src/core/run/reportData.js";
import { Exporter } from "../../../src/host/export/exporter.js";
import { makeDrawPng } from "../../../src/host/export/figurePng.js";
import { proposedPlace } from "../../../src/host/export/proposedPlace.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import { writeFailed } from "../../../src/host/writeFailed.js";
import { fake, Uri, type Shown } from "../../helpers/fakeVscode.js";
import {
  addSampleRun,
  makeRuns,
  SETTINGS,
  startFake,
  temporaryFolder,
  testLog,
} from "../../helpers/hostServices.js";
import { codeOf } from "../../helpers/thrownBy.js";

let files: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;
let exporter: Exporter;
/** The figures that were to be drawn as PNG. */
let drawn: Figure[];

beforeEach(async () => {
  fake.reset();
  files = temporaryFolder();
  runs = makeRuns(files.folder);
  const bundles = path.join(files.folder, "dist");
  mkdirSync(bundles);
  writeFileSync(path.join(bundles, "panel.js"), "start();");
  writeFileSync(path.join(bundles, "panel.css"), "body {}");
  drawn = [];
  exporter = new Exporter(runs, bundles, testLog(), {
    settings: () => SETTINGS,
    drawPng: async (figure) => {
      drawn.push(figure);
      return Uint8Array.of(7, 8, 9);
    },
  });
  await addSampleRun(runs, "one", { image: path.join(files.folder, "cat.png") });
});

afterEach(() => files.remove());

/** The user accepts what the dialog proposes. */
const accept = (shown: Shown): unknown => (shown.options as { defaultUri: unknown }).defaultUri;
const inFolder = (name: string): string => path.join(files.folder, name);
const original = async () => readRun((await runs.read("one")).file);

describe("an export", () => {
  it("is the kept run file itself, beside the picture", async () => {
    fake.answers.push(accept);
    expect(await exporter.exportRun("one", "run")).toBe("cat.dexar");
    const kept = readFileSync(runs.get("one")?.saved.runPath ?? "");
    expect(readFileSync(inFolder("cat.dexar")).equals(kept)).toBe(true);
    expect(fake.shown[0]?.options).toMatchObject({ filters: { "DEX-AR Run": ["dexar"] } });
  });

  it("as a run file has the settings that the page shows, and their numbers", async () => {
    const { run } = await original();
    const settings = {
      ...run.info.settings,
      layers: [1, 3] as const,
      overrides: [{ layer: 1, head: 2, decision: "drop" as const }],
    };
    fake.answers.push(accept);
    await exporter.exportPanel({ format: "run", runId: "one", settings });
    const saved = await readRun(readFileSync(inFolder("cat.dexar")));
    expect(saved.run.info.settings).toEqual(settings);
    const expected = attribute(attributionInput(run), settings);
    expect(saved.attribution.tokenHeatmap).toEqual(expected.tokenHeatmap);
    expect(saved.attribution.headWeight).toEqual(expected.headWeight);
    expect(saved.run.arrays.gradient).toEqual(run.arrays.gradient);
    expect(saved.run.image).toEqual(run.image);
  });

  it("with the settings of the run is the run file byte for byte", async () => {
    const { run } = await original();
    fake.answers.push(accept);
    await exporter.exportPanel({ format: "run", runId: "one", settings: { ...run.info.settings } });
    const kept = readFileSync(runs.get("one")?.saved.runPath ?? "");
    expect(readFileSync(inFolder("cat.dexar")).equals(kept)).toBe(true);
  });

  it("as JSON has tokens and heatmaps under the page's settings", async () => {
    const { run } = await original();
    fake.answers.push(accept);
    const settings = { ...run.info.settings, layers: [0, 1] as const };
    const saved = await exporter.exportPanel({ format: "json", runId: "one", settings });
    expect(saved).toEqual({ saved: "cat-dexar.json" });
    const json = JSON.parse(readFileSync(inFolder("cat-dexar.json"), "utf8")) as {
      tokens: { text: string; heatmap: number[] }[];
    };
    expect(json.tokens.map(({ text }) => text)).toEqual(["a", " cat", "</s>"]);
    const { tokenHeatmap } = attribute(attributionInput(run), settings);
    json.tokens[1]?.heatmap.forEach((value, cell) =>
      expect(value).toBeCloseTo(tokenHeatmap[16 + cell] ?? NaN, 5),
    );
  });

  it("as a page carries script, styles, picture and run", async () => {
    fake.answers.push(accept);
    await exporter.exportRun("one", "html");
    const html = readFileSync(inFolder("cat-dexar.html"), "utf8");
    expect(html).toContain("<script>start();</script>");
    expect(html).toContain("<style>body {}</style>");
    const packed = /<script type="application\/json" id="run">(.+)<\/script>/.exec(html)?.[1] ?? "";
    const data = unpackArrays(packed) as ReportData;
    expect(data.info).toEqual((await original()).run.info);
    expect(data.picture).toMatch(/^data:image\/png;base64,/);
  });

  it("as a picture is what the page has drawn", async () => {
    fake.answers.push(accept);
    const png = Uint8Array.of(1, 2, 3);
    const shown = { format: "png", runId: "one", content: png, suffix: "token 2: a/b" } as const;
    expect(await exporter.exportPanel(shown)).toEqual({ saved: "cat-token 2- a-b.png" });
    expect(new Uint8Array(readFileSync(inFolder("cat-token 2- a-b.png")))).toEqual(png);
    fake.answers.push(accept);
    const drawing = { ...shown, format: "svg", content: new TextEncoder().encode("<svg/>") } as const;
    expect(await exporter.exportPanel(drawing)).toEqual({ saved: "cat-token 2- a-b.svg" });
    expect(readFileSync(inFolder("cat-token 2- a-b.svg"), "utf8")).toBe("<svg/>");
    expect(fake.shown[1]?.options).toMatchObject({ filters: { "SVG Picture": ["svg"] } });
    expect(drawn).toEqual([]);
  });

  it("as a picture without a page is the whole answer's figure, in the size of the settings", async () => {
    fake.answers.push(accept, accept);
    expect(await exporter.exportRun("one", "svg")).toBe("cat-answer.svg");
    const svg = readFileSync(inFolder("cat-answer.svg"), "utf8");
    expect(svg).toContain('width="84mm"');
    const { sequenceHeatmap } = (await original()).attribution;
    for (const value of [Math.min(...sequenceHeatmap), Math.max(...sequenceHeatmap)])
      expect(svg).toContain(`>${formatNumber(value)}</text>`);
    expect(await exporter.exportRun("one", "png")).toBe("cat-answer.png");
    expect(new Uint8Array(readFileSync(inFolder("cat-answer.png")))).toEqual(Uint8Array.of(7, 8, 9));
    expect(drawn.map((figure) => figure.svg)).toEqual([svg]);
    expect(fake.calls).toContainEqual(["progress", "Drawing the picture…"]);
  });

  it("as PNG is drawn by a process that loads no model and ends", async () => {
    fake.answers.push(accept);
    await exporter.exportRun("one", "png");
    const [figure] = drawn;
    let ended = false;
    const startClient: typeof startFake = async (options) =>
      startFake({ ...options, onExit: () => (ended = true) });
    const draw = makeDrawPng({ entry: "unused", startClient, readSettings: () => SETTINGS, log: testLog() });
    const png = await draw(figure ?? { svg: "", widthMm: 0, heightMm: 0 });
    expect(await sharp(png).metadata()).toMatchObject({ format: "png", width: 992, density: 300 });
    expect(ended).toBe(true);
  });

  it("is not made when the user changes his mind, nor of a run that is gone", async () => {
    expect(await exporter.exportRun("one", "json")).toBeNull();
    expect(await codeOf(exporter.exportRun("two", "json"))).toBe("run-missing");
    expect(readdirSync(files.folder).sort()).toEqual(["cat.png", "dist", "runs"]);
  });

  it("that cannot be written says why and goes elsewhere; what was there stays", async () => {
    mkdirSync(inFolder("cat.dexar"));
    fake.answers.push(accept, "Save Elsewhere…", Uri.file(inFolder("other.dexar")));
    expect(await exporter.exportRun("one", "run")).toBe("other.dexar");
    expect(fake.shown[1]).toMatchObject({ kind: "error", choices: ["Save Elsewhere…"] });
    expect(fake.shown[1]?.text).toMatch(/^cat\.dexar was not saved: .+ The run is not lost\.$/);
    expect(existsSync(inFolder("other.dexar"))).toBe(true);
    expect(readdirSync(files.folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect((await runs.read("one")).file.length).toBeGreaterThan(0);
  });

  it("to a folder that is gone or may not be written to can be given up without harm", async () => {
    const locked = inFolder("locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    fake.answers.push(Uri.file(path.join(locked, "none", "a.dexar")), undefined);
    expect(await exporter.exportRun("one", "run")).toBeNull();
    expect(fake.shown[1]?.text).toContain("a.dexar was not saved: the folder is gone.");
    expect(await runs.read("one")).toMatchObject({ runId: "one" });
  });
});

describe("a failure to write", () => {
  it.each([
    ["ENOSPC", "x.dexar was not saved: the disk is full."],
    ["EROFS", "x.dexar was not saved: that place can only be read."],
    ["EACCES", "x.dexar was not saved: you may not write there."],
    ["NoPermissions", "x.dexar was not saved: you may not write there."],
    ["EIO", "x.dexar was not saved: input/output error."],
  ])("of kind %s is said in words", (code, message) => {
    const error = writeFailed("x.dexar", Object.assign(new Error("input/output error"), { code }));
    expect(error).toMatchObject({ code: "output-write-failed", message });
    expect(error.nextStep).toMatch(/ave it in another place\.$/);
  });
});

describe("the proposed place", () => {
  const place = (image: string, suffix: string, ending: string): string =>
    proposedPlace(Uri.parse(image), suffix, ending).path;

  it("is beside the picture and never the picture itself", () => {
    expect(place("file:///a/cat.png", "", "png")).toBe("/a/cat-dexar.png");
    expect(place("file:///a/cat.png", "", "dexar")).toBe("/a/cat.dexar");
  });

  it("is in the workspace when the picture's place cannot be written to", () => {
    fake.folders = [{ uri: Uri.file("/folder") }];
    expect(place("readonly:///a/cat.png", "whole", "png")).toBe("/folder/cat-whole.png");
  });
});
