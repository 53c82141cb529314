import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseLayers, resolveLayers } from "../../src/cli/options/layers.js";
import { numberList, realNumber, wholeNumber } from "../../src/cli/options/numbers.js";
import { DEFAULT_PROMPT, readPrompt } from "../../src/cli/options/prompt.js";
import { expectedTokens } from "../../src/cli/options/requestOptions.js";
import { parseScore } from "../../src/cli/options/score.js";
import { chosenSettings } from "../../src/cli/options/settingsOptions.js";
import { parseTextSet } from "../../src/cli/options/textSet.js";
import { containing } from "../helpers/matchers.js";

describe("--layers", () => {
  it.each([
    ["0:4", 8, [0, 4]],
    [":", 8, [0, 8]],
    ["2:", 8, [2, 8]],
    ["-2:", 8, [6, 8]],
    [":-1", 8, [0, 7]],
  ])("%s of %d layers", (text, layers, range) => {
    expect(resolveLayers(parseLayers(text), layers)).toEqual(range);
  });

  it.each(["", "3", "a:b", "1:2:3", "1.5:2", "1-2"])("refuses %j", (text) => {
    expect(() => parseLayers(text)).toThrow(expect.objectContaining({ code: "bad-layers" }));
  });

  it.each(["4:4", "5:2", "0:9", "-9:", "8:"])("refuses %s of 8 layers", (text) => {
    expect(() => resolveLayers(parseLayers(text), 8)).toThrow(
      expect.objectContaining({ code: "layers-out-of-range", nextStep: "Take a range within 0:8." }),
    );
  });
});

describe("numbers", () => {
  it("reads whole and real numbers within their limits", () => {
    expect(wholeNumber("--top-k", 0)("40")).toBe(40);
    expect(realNumber("--temperature", 0, 100)("0.7")).toBe(0.7);
    expect(numberList("--target-ids", "1, 22,333")).toEqual([1, 22, 333]);
  });

  it.each(["", "x", "1.5", "-1", "1e3", "99999999999"])("refuses %j as a whole number", (text) => {
    expect(() => wholeNumber("--top-k", 0)(text)).toThrow(expect.objectContaining({ code: "bad-number" }));
  });

  it.each(["", "hot", "-0.1", "NaN", "Infinity"])("refuses %j as a temperature", (text) => {
    expect(() => realNumber("--temperature", 0, 100)(text)).toThrow(
      expect.objectContaining({ code: "bad-number" }),
    );
  });

  it.each(["", "1,,2", "1;2", "-3"])("refuses %j as a list of ids", (text) => {
    expect(() => numberList("--target-ids", text)).toThrow(/--target-ids/);
  });
});

describe("names", () => {
  it("reads text sets", () => {
    expect(parseTextSet("no-special")).toBe("no-special");
    expect(parseTextSet("4,7")).toEqual({ positions: [4, 7] });
    expect(() => parseTextSet("nope")).toThrow(expect.objectContaining({ code: "bad-text-set" }));
  });

  it("reads scores", () => {
    expect(parseScore("mean")).toEqual({ kind: "mean" });
    expect(parseScore("top-k:8")).toEqual({ kind: "top-k", k: 8 });
    expect(() => parseScore("top-k:0")).toThrow(expect.objectContaining({ code: "bad-score" }));
  });
});

it("sends only the settings that were asked for", () => {
  expect(chosenSettings({}, 4)).toEqual({});
  expect(chosenSettings({ preset: "reference", layers: parseLayers("-2:") }, 4)).toEqual({
    preset: "reference",
    layers: [2, 4],
  });
});

it("knows how many tokens a request takes", () => {
  expect(expectedTokens({ target: null, maxNewTokens: 9 })).toEqual({ count: 9, exact: false });
  expect(expectedTokens({ target: { ids: [5, 6] }, maxNewTokens: 9 })).toEqual({ count: 2, exact: true });
  expect(expectedTokens({ target: { text: "a cat" }, maxNewTokens: 9 })).toBeNull();
});

describe("the prompt", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "dexar-prompt-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("comes from --prompt, a file, or the default", async () => {
    const promptFile = path.join(folder, "prompt.txt");
    writeFileSync(promptFile, "what is it?\nsay it.\r\n");
    expect(await readPrompt({ prompt: "where?" })).toBe("where?");
    expect(await readPrompt({ promptFile })).toBe("what is it?\nsay it.");
    expect(await readPrompt({})).toBe(DEFAULT_PROMPT);
  });

  it("must not be empty, missing or binary", async () => {
    const promptFile = path.join(folder, "prompt.txt");
    writeFileSync(promptFile, Uint8Array.of(0xff, 0xfe, 0x00));
    await expect(readPrompt({ prompt: "  \n" })).rejects.toMatchObject({ code: "empty-prompt" });
    await expect(readPrompt({ promptFile })).rejects.toMatchObject({ code: "prompt-file-not-text" });
    await expect(readPrompt({ promptFile: path.join(folder, "no.txt") })).rejects.toMatchObject({
      code: "prompt-file-not-readable",
      message: containing("does not exist"),
    });
    writeFileSync(promptFile, "\n");
    await expect(readPrompt({ promptFile })).rejects.toMatchObject({ code: "empty-prompt" });
  });
});
