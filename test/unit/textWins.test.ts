import { describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { resolveSettings } from "../../src/core/attribution/resolveSettings.js";
import { textWins } from "../../src/core/attribution/textWins.js";
import { randomAttributionInput } from "../helpers/randomAttributionInput.js";

describe("textWins", () => {
  const attribution = {
    // Two tokens, two layers, one head.
    textWinner: Int32Array.of(5, 5, -1, 9),
    scoreText: Float32Array.of(2, 3, 0, 4),
    scoreImage: Float32Array.of(1, 7, 1, 0),
    headWeight: Float32Array.of(0, 4, 1, 0),
  };
  const scope = { tokens: [0, 1], layers: [0, 2] as const, layerCount: 2, headCount: 1 };

  it("counts wins, what they cost, and how strong they were", () => {
    const wins = textWins(attribution, scope);
    expect([...wins.keys()]).toEqual([5, 9]);
    expect(wins.get(5)).toEqual({
      heads: 2,
      dropped: 1,
      sum: 5,
      strongest: { token: 0, layer: 1, head: 0, score: 3 },
    });
    // A head that saw nothing of the picture was not dropped because of the word.
    expect(wins.get(9)).toMatchObject({ heads: 1, dropped: 0 });
  });

  it("does not count a head that was forced out although the picture won", () => {
    const forced = { ...attribution, headWeight: Float32Array.of(0, 0, 1, 0) };
    expect(textWins(forced, scope).get(5)?.dropped).toBe(1);
  });

  it("keeps to the tokens and the layers asked for", () => {
    expect(textWins(attribution, { ...scope, tokens: [1] }).has(5)).toBe(false);
    expect(textWins(attribution, { ...scope, layers: [1, 2] }).get(5)?.heads).toBe(1);
  });

  it("gives every head of a run to one position", () => {
    const input = randomAttributionInput(8);
    const explained = attribute(input, resolveSettings({}, 3, 2));
    const wins = textWins(explained, { tokens: [0, 1, 2, 3], layers: [0, 3], layerCount: 3, headCount: 2 });
    const total = [...wins.values()].reduce((sum, { heads }) => sum + heads, 0);
    expect(total).toBe(explained.textWinner.filter((position) => position >= 0).length);
    const strongest = Math.max(...[...wins.values()].map((each) => each.strongest.score));
    expect(strongest).toBe(Math.max(...explained.scoreText));
    for (const position of wins.keys()) expect([...input.imagePositions]).not.toContain(position);
  });
});
