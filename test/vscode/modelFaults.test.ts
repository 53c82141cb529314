import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures } from "./pictures.js";
import { explainFinished, keepFailures, processCount, runTitles, slowNode, smallNode } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

const MODEL = "models/emoji-llava";

describe("models that fail", () => {
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: builtVsix(), prepare: addPictures });
    await explainFinished(vscode, "burger.png");
  });
  afterAll(() => vscode.close());
  keepFailures(() => vscode);
  beforeEach(() => vscode.workbench.openViews("Explorer"));

  function brokenModel(name: string, breakIt: (dir: string) => void): string {
    const dir = path.join(vscode.server.folder, name);
    cpSync(MODEL, dir, { recursive: true });
    breakIt(dir);
    return dir;
  }

  it("a model process that is killed while it generates: says so, and a restart repairs it", async () => {
    const { panel } = vscode;
    await vscode.setSettings({
      "dexar.node.path": slowNode(vscode.server.folder, 200),
      "dexar.explain.live": true,
    });
    await panel.run.click();
    await panel.phase.filter({ hasText: "Answering" }).waitFor();
    await expect.poll(() => panel.tokens.count()).toBeGreaterThan(1);
    const [process_] = await processCount(vscode, 1);
    if (process_ === undefined) throw new Error("no model process runs");
    process.kill(process_.pid, "SIGKILL");
    await panel.failure("model-process-died").waitFor();
    await panel.idle();
    await vscode.screenshot("fault-model-process-died");
    expect(await panel.action("Show Log").isVisible()).toBe(true);
    await vscode.setSettings({});
    await panel.action("Restart Model").click();
    await processCount(vscode, 1);
    await panel.run.click();
    await panel.failure().waitFor({ state: "detached" });
    await panel.finished();
  });

  it.each([
    [
      "a corrupt model file",
      "corrupt",
      /decoder_model_merged\.onnx/,
      (dir: string) => truncateSync(path.join(dir, "onnx/decoder_model_merged.onnx"), 100_000),
    ],
    [
      "a model file of noise",
      "noise",
      /decoder_model_merged\.onnx/,
      (dir: string) =>
        writeFileSync(path.join(dir, "onnx/decoder_model_merged.onnx"), Buffer.alloc(50_000, 0xff)),
    ],
    [
      "a model folder without its tokenizer",
      "no-tokenizer",
      /tokenizer\.json/,
      (dir: string) => rmSync(path.join(dir, "tokenizer.json")),
    ],
    [
      "a model folder without a decoder",
      "no-decoder",
      /onnx|decoder/,
      (dir: string) => rmSync(path.join(dir, "onnx"), { recursive: true }),
    ],
  ])("%s: says which file, and offers another model", async (_, name, says, breakIt) => {
    const { panel } = vscode;
    await vscode.setSettings({ "dexar.model.path": brokenModel(name, breakIt) });
    await panel.run.click();
    await panel.failure().waitFor();
    await panel.idle();
    await vscode.screenshot(`fault-model-${name}`);
    expect(await panel.failure().getAttribute("data-code")).not.toBe("internal");
    expect(await panel.failure().innerText()).toMatch(says);
    expect(await panel.failure().innerText()).not.toMatch(/\n\s+at /);
    expect(await panel.action("Choose Model").isVisible()).toBe(true);
    await vscode.setSettings({});
    await panel.run.click();
    await panel.failure().waitFor({ state: "detached" });
    await panel.finished();
    await processCount(vscode, 1);
  });

  it("an empty folder as model: says so", async () => {
    const { panel } = vscode;
    const dir = path.join(vscode.server.folder, "empty");
    mkdirSync(dir);
    await vscode.setSettings({ "dexar.model.path": dir });
    await panel.run.click();
    await panel.failure().waitFor();
    expect(await panel.failure().innerText()).toContain(dir);
    expect(await panel.action("Choose Model").isVisible()).toBe(true);
  });

  it("out of memory while the model is loaded: says so, and leaves no process", async () => {
    const { panel } = vscode;
    await vscode.setSettings({ "dexar.node.path": smallNode(vscode.server.folder, 1_300_000) });
    await panel.run.click();
    await panel.failure("out-of-memory").waitFor();
    await panel.idle();
    await vscode.screenshot("fault-out-of-memory");
    expect(await panel.failure().innerText()).not.toContain("node:internal");
    expect(await panel.failure().locator("vscode-button").count()).toBeGreaterThan(0);
    await processCount(vscode, 0);
  });

  it("a Node program that is not there: says so", async () => {
    const { panel } = vscode;
    await vscode.setSettings({ "dexar.node.path": "/nowhere/node" });
    await panel.run.click();
    await panel.failure("node-not-found").waitFor();
    expect(await panel.action("Open Settings").isVisible()).toBe(true);
    await processCount(vscode, 0);
  });

  it("lost no finished run", async () => {
    await expect.poll(() => runTitles(vscode)).toHaveLength(6);
  });
});
