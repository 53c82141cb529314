import { beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { makeAskMachine } from "../../../src/host/machine/askMachine.js";
import { inspectionPage } from "../../../src/host/machine/inspectionPage.js";
import { machineCommands } from "../../../src/host/machine/machineCommands.js";
import { INSPECTION_TYPE, OTHER_PICTURE } from "../../../src/host/machine/inspectionIds.js";
import type { Services } from "../../../src/host/services.js";
import { targetOf, serves } from "../../../src/host/modelHost/modelTarget.js";
import type { ModelInspection } from "../../../src/protocol/inspection.js";
import { BUNDLED_MODEL } from "../../helpers/bundledModel.js";
import { fakeServices } from "../../helpers/fakeServices.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";
import { SETTINGS, startFake, testLog } from "../../helpers/hostServices.js";

beforeEach(() => fake.reset());

const NO_ANSWER = { promptTokens: 20, imageTokens: 4, answerTokens: 8, captureEvery: 32, forced: false };
const FOUND: ModelInspection = {
  dir: "/models/<tiny>",
  family: "llava",
  files: [
    { name: "config.json", present: true, bytes: 1200 },
    { name: "onnx/decoder_model_merged.onnx_data", present: false, bytes: 0 },
  ],
  dtypes: ["fp32", "q4"],
  ...{ graphStyle: "fused", layers: 4, heads: 6, kvHeads: 2, headSize: 32, vocabulary: 655 },
  geometry: "2 x 2 = 4 tokens; of cat.png (40 x 20) the model sees all of it",
  picture: {
    ...{ name: "cat.png", width: 40, height: 20, seen: [0, 0, 40, 20] },
    cells: [
      [0, 0, 20, 10],
      [20, 0, 20, 10],
      [0, 10, 20, 10],
      [20, 10, 0, 0],
    ],
  },
  memory: { answer: NO_ANSWER, dtypes: [] },
  devices: [
    { name: "dml", title: "DirectML", missing: { reason: "DirectML is a part of Windows", nextStep: null } },
  ],
  problems: [
    { code: "unsupported-op", message: "Foo <b> in layer 0", nextStep: "Report it." },
    { code: "unsupported-op", message: "Foo in layer 1", nextStep: "Report it." },
  ],
  advice: ["Choose the weight type q4."],
};

describe("the page about a model folder", () => {
  const page = inspectionPage(FOUND, { type: "image/png", bytes: Uint8Array.of(1, 2, 3) });

  it("tells every problem, what helps once, files that are missing, devices and advice", () => {
    expect(page.match(/class="problem"/g)).toHaveLength(2);
    expect(page.match(/Report it\./g)).toHaveLength(1);
    expect(page).toContain("2 problems");
    expect(page).toMatch(/missing<\/td><td><code>onnx\/decoder_model_merged\.onnx_data/);
    expect(page).toContain("DirectML is a part of Windows");
    expect(page).toContain("Choose the weight type q4.");
    expect(page).toContain("6, with 2 for keys and values, 32 wide");
  });

  it("draws the cells over the picture, those without area left out", () => {
    expect(page).toContain(
      '<image width="40" height="20" preserveAspectRatio="none" href="data:image/png;base64,AQID"/>',
    );
    expect(page.match(/<rect class="cell"/g)).toHaveLength(3);
    expect(page).toContain('<rect class="cell" x="20" y="0" width="20" height="10"/>');
  });

  it("runs nothing: no scripts, and what comes from the folder is text", () => {
    const [, nonce] = /default-src 'none'; img-src data:; style-src 'nonce-([^']+)'"/.exec(page) ?? [];
    expect(page).toContain(`<style nonce="${nonce}">`);
    expect(page).not.toMatch(/ style="/);
    expect(page).not.toContain("<script");
    expect(page).toContain("Foo &lt;b&gt; in layer 0");
    expect(page).toContain("/models/&lt;tiny&gt;");
  });

  it("of a model without problems says so", () => {
    const { picture, ...rest } = FOUND;
    expect(picture).toBeDefined();
    const fine = inspectionPage({ ...rest, problems: [], geometry: null, layers: null, heads: null }, null);
    expect(fine).toContain("Nothing stands in the way");
    expect(fine).toContain("unknown");
    expect(fine).not.toContain("<svg");
  });

  it("offers another picture where the one that was chosen cannot be read, none where there is no model", () => {
    const { picture, ...rest } = FOUND;
    expect(picture).toBeDefined();
    expect(inspectionPage({ ...rest, geometry: null }, null)).toContain(`command:${OTHER_PICTURE}?`);
    expect(inspectionPage({ ...rest, family: null, geometry: null }, null)).not.toContain("command:");
  });
});

describe("the commands", () => {
  const extension = { id: "dexar.dexar", packageJSON: { version: "0.1.0" } };
  const machine = makeAskMachine({
    entry: "unused",
    startClient: startFake,
    readSettings: () => SETTINGS,
    log: testLog(),
  });
  const made = () => {
    const services = { ...fakeServices().services, machine } as Services;
    const context = { extension, extensionUri: Uri.file("/extension") };
    return machineCommands(() => services, context as unknown as vscode.ExtensionContext);
  };
  const run = (id: string, ...args: unknown[]) => made()[id]?.(...args);
  const shown = () => fake.panels.map((panel) => [panel.viewType, panel.webview.html] as const);

  it("inspect a folder of the explorer in a process without a model", async () => {
    await run("dexar.model.inspect", Uri.file(BUNDLED_MODEL));
    const [[type, html] = ["", ""], ...others] = shown();
    expect(others).toEqual([]);
    expect(type).toBe(INSPECTION_TYPE);
    expect(html).toContain("Nothing stands in the way");
    expect(html).toContain(`command:${OTHER_PICTURE}?`);
    expect(html.match(/<rect class="cell"/g)).toHaveLength(144);
  });

  it("inspect a row of the Models view, then in the same page with a picture that is asked for", async () => {
    const commands = made();
    await commands["dexar.model.inspect"]?.({ id: "x", model: { dir: BUNDLED_MODEL } });
    expect(shown()[0]?.[1]).not.toContain("<image ");
    fake.answers.push([Uri.file(`${process.cwd()}/examples/banana-and-tree-and-yellow-heart.png`)]);
    await commands[OTHER_PICTURE]?.(BUNDLED_MODEL);
    expect(shown()).toHaveLength(1);
    expect(shown()[0]?.[1]).toMatch(/banana-and-tree-and-yellow-heart\.png \(96 x 96\).*<image /s);
    expect(fake.panels[0]?.reveals).toBe(2);
    fake.panels[0]?.dispose();
    await commands["dexar.model.inspect"]?.(BUNDLED_MODEL);
    expect(fake.panels).toHaveLength(2);
  });

  it("do nothing when no folder is chosen, and refuse one that is elsewhere", async () => {
    fake.answers.push(undefined);
    await run("dexar.model.inspect");
    expect(shown()).toEqual([]);
    await expect(run("dexar.model.inspect", Uri.parse("vscode-vfs://github/a/b"))).rejects.toMatchObject({
      code: "model-not-found",
    });
  });

  it("open the report on this machine as a document", async () => {
    fake.userSettings.set("dexar.models.endpoint", "https://me:secret@mirror.example");
    await run("dexar.doctor");
    const text = fake.activeEditor?.document.getText() ?? "";
    expect(text).toMatch(/^dexar \d/);
    expect(text).toMatch(/\nDevices\n/);
    expect(text).toMatch(/\nEditor\n[\s\S]*extension +dexar\.dexar 0\.1\.0/);
    expect(text).toMatch(/\nModels\n {2}tiny-vlm +\/models\/tiny-vlm\n/);
    expect(text).toMatch(/dexar\.models\.endpoint +"https:\/\/…@mirror\.example"\n/);
    expect(text).not.toContain("secret");
  });
});

describe("a model whose parts run on different devices", () => {
  it("is another target than one that runs on one", () => {
    const target = targetOf({ ...SETTINGS, devices: { vision: "cpu" }, threads: 2 }, null);
    expect(target.load).toMatchObject({ device: "auto", devices: { vision: "cpu" }, threads: 2 });
    expect(serves(target, "fp32", target)).toBe(true);
    expect(serves(target, "fp32", targetOf(SETTINGS, null))).toBe(false);
    expect(targetOf(SETTINGS, null).load).not.toHaveProperty("devices");
  });
});
