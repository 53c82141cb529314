import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtVsix } from "./builtVsix.js";
import { addPictures, SAMPLE } from "./pictures.js";
import { ToolCaller } from "./server/toolCaller.js";
import { explainByCommandLine, keepFailures, processCount, runTitles } from "./steps.js";
import { openWindow, type VscodeWindow } from "./window.js";

interface Explained {
  readonly run_id: string;
  readonly answer: string;
  readonly tokens: readonly { readonly text: string; readonly delta: number; readonly kept_heads: string }[];
}

describe("the tools for language models", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "dexar-tool-caller-"));
  const caller = new ToolCaller(path.join(folder, "extension"));
  let vscode: VscodeWindow;
  beforeAll(async () => {
    vscode = await openWindow({ vsix: [builtVsix(), caller.vsix], prepare: addPictures });
  });
  afterAll(async () => {
    await vscode.close();
    rmSync(folder, { recursive: true, force: true });
  });
  keepFailures(() => vscode);

  const call = (name: string, input: object): Promise<void> => caller.call(vscode.workbench, name, input);

  it("are offered to assistants, and list nothing before the first run", async () => {
    await call("list_runs", {});
    const { texts, tools } = await caller.outcome();
    expect(JSON.parse(texts?.[0] ?? "")).toMatchObject({ total: 0, runs: [] });
    const own = tools.filter(({ name }) => ["explain_image", "list_runs"].includes(name));
    expect(own.map(({ name }) => name).sort()).toEqual(["explain_image", "list_runs"]);
    expect(own.every(({ description }) => description.length > 150)).toBe(true);
    await processCount(vscode, 0);
  });

  it("ask first, naming picture and model; refused, nothing is started", async () => {
    await call("explain_image", { image: "burger.png" });
    const dialog = vscode.workbench.dialog();
    await dialog.getByText("Explain a picture?").waitFor();
    await vscode.screenshot("tool-question");
    expect(await dialog.textContent()).toMatch(/emoji-llava.+burger\.png/);
    await dialog.getByRole("button", { name: /Cancel|No|Deny/ }).click();
    expect((await caller.outcome()).error).toMatch(/Cancel/);
    await processCount(vscode, 0);
  });

  it("explain as the command line does, and keep the run", async () => {
    await call("explain_image", { image: "burger.png" });
    const dialog = vscode.workbench.dialog();
    await dialog.getByText("Explain a picture?").waitFor();
    await dialog
      .getByRole("button")
      .filter({ hasNotText: /Cancel|No|Deny/ })
      .first()
      .click();
    const { texts, error } = await caller.outcome();
    expect(error).toBeUndefined();
    const told = JSON.parse(texts?.[0] ?? "") as Explained;
    const printed = explainByCommandLine([SAMPLE]);
    expect(told.answer).toBe(printed.answer);
    const words = printed.tokens.slice(0, told.tokens.length);
    expect(told.tokens.map(({ text, kept_heads }) => [text, kept_heads])).toEqual(
      words.map(({ text, keptHeads, heads }) => [text, `${keptHeads} of ${heads}`]),
    );
    told.tokens.forEach(({ delta }, index) => expect(delta).toBeCloseTo(words[index]?.delta ?? NaN, 2));
    await expect.poll(() => runTitles(vscode)).toHaveLength(1);
    await call("list_runs", { limit: 5 });
    const listed = JSON.parse((await caller.outcome()).texts?.[0] ?? "") as object;
    expect(listed).toMatchObject({ total: 1, runs: [{ run_id: told.run_id, image: "burger.png" }] });
  });

  it("say what is wrong without a question", async () => {
    await call("explain_image", { image: "burgr.png" });
    expect((await caller.outcome()).error).toContain("There is no picture burgr.png.");
    await call("explain_image", { image: "https://example.org/a.png" });
    expect((await caller.outcome()).error).toContain("not loaded from https: addresses");
  });
});
