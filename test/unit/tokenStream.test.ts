import { describe, expect, it } from "vitest";
import type { RunToken } from "../../src/core/run/types.js";
import { keyTarget, layoutTokenStream } from "../../webview/charts/tokenStream.js";

function token(text: string, more: Partial<RunToken> = {}): RunToken {
  return { id: 1, text, kind: "generated", logprob: Math.log(0.5), alternatives: [], stop: false, ...more };
}

describe("layoutTokenStream", () => {
  const chips = layoutTokenStream({
    tokens: [token("a"), token(" ze"), token("bra"), token("\n"), token("</s>", { stop: true })],
    explained: 5,
    tokenWeight: [0, 0.2, 0.1, 0, 4],
    reasons: ['the text won: "is", layer 1, head 2', null, null, "no gradient", null],
  });

  it("tints by delta, relative to the largest of the answer without the end token", () => {
    expect(chips.map((chip) => chip.tint)).toEqual([0, 1, 0.5, 0, 1]);
  });

  it("is hollow where delta is 0, and says why", () => {
    expect(chips.map((chip) => chip.hollow)).toEqual([true, false, false, true, false]);
    expect(chips[0]?.description).toBe('a, probability 50 %, delta 0 (the text won: "is", layer 1, head 2)');
  });

  it("joins the parts of a word and breaks at line ends", () => {
    expect(chips.map((chip) => chip.joined)).toEqual([false, false, true, false, false]);
    expect(chips.map((chip) => chip.lineBreak)).toEqual([false, false, false, true, false]);
  });

  it("knows end and control tokens from words", () => {
    const texts = ["</s>", "<|im_end|>", "<end_of_utterance>", "[SEP]", " <b", " a < b >", "<", "[1]"];
    const special = layoutTokenStream({
      tokens: texts.map((text) => token(text)),
      explained: texts.length,
      tokenWeight: [],
      reasons: [],
    }).map((chip) => chip.special);
    expect(special).toEqual([true, true, true, true, false, false, false, false]);
  });

  it("marks tokens whose heatmap is still to come: neither tinted nor hollow", () => {
    const [first, second] = layoutTokenStream({
      tokens: [token(" cat"), token(" sat")],
      explained: 1,
      tokenWeight: [0.3, 0],
      reasons: [null, "no gradient"],
    });
    expect(first).toMatchObject({ pending: false, tint: 1 });
    expect(second).toMatchObject({ pending: true, hollow: false, tint: 0 });
    expect(second?.description).toBe("·sat, probability 50 %, heatmap to come");
  });

  it("takes an answer without tokens", () => {
    expect(layoutTokenStream({ tokens: [], explained: 0, tokenWeight: [], reasons: [] })).toEqual([]);
  });
});

describe("keyTarget", () => {
  it("walks between the whole answer and the tokens", () => {
    expect(keyTarget("ArrowRight", null, 3)).toBe(0);
    expect(keyTarget("ArrowRight", 2, 3)).toBe(2);
    expect(keyTarget("ArrowLeft", 0, 3)).toBeNull();
    expect(keyTarget("Home", 2, 3)).toBe(0);
    expect(keyTarget("End", null, 3)).toBe(2);
    expect(keyTarget("Escape", 1, 3)).toBeNull();
    expect(keyTarget("x", 1, 3)).toBeUndefined();
  });

  it("stays at the whole answer while there is no token", () => {
    for (const key of ["ArrowRight", "Home", "End", "ArrowLeft"]) expect(keyTarget(key, null, 0)).toBeNull();
  });
});
