import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import type { Attribution } from "../../src/core/attribution/types.js";
import { unpackArrays, packArrays } from "../../src/core/run/packArrays.js";
import { readDigest, runDigest } from "../../src/core/run/runDigest.js";
import type { Run } from "../../src/core/run/types.js";
import { arbitraryRun } from "../helpers/arbitraryRun.js";
import { containing, matching } from "../helpers/matchers.js";
import { sampleRun } from "../helpers/sampleRun.js";
import { thrownBy } from "../helpers/thrownBy.js";

const PICTURE = { type: "image/png", bytes: Uint8Array.of(1, 2, 3, 250) } as const;
const FIGURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47);

let run: Run;
let attribution: Attribution;
let digest: string;

beforeAll(async () => {
  run = await sampleRun({ columns: 5, rows: 4 });
  attribution = attribute(attributionInput(run), run.info.settings);
  digest = runDigest(run, attribution, { ...PICTURE, figure: FIGURE });
});

/** The digest with one field replaced; `path` is its keys with dots. */
function withField(path: string, value: unknown): string {
  const whole = unpackArrays(digest) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let place = whole;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  place[last] = value;
  return packArrays(whole);
}

describe("a digest", () => {
  it("gives back the run as it is shown, without its gradient", () => {
    const data = readDigest(digest);
    expect(data.info).toEqual(run.info);
    expect(data.attribution).toEqual(attribution);
    expect(data.arrays).toEqual({
      imagePositions: run.arrays.imagePositions,
      gradient: null,
      gradientReferenceLast: null,
    });
    expect(data.picture).toBe("data:image/png;base64,AQID+g==");
    expect(data.gradientNote).toContain("no gradient");
  });

  it("is complete where the file kept no more than the stored arrays", () => {
    const { scoreImage, scoreText, headWeight, tokenHeatmap, tokenHeatmapUnfiltered } = attribution;
    const { tokenWeight, sequenceHeatmap, sequenceHeatmapUnfiltered } = attribution;
    const maps = { tokenHeatmap, tokenHeatmapUnfiltered, sequenceHeatmap, sequenceHeatmapUnfiltered };
    const stored = { scoreImage, scoreText, headWeight, tokenWeight, ...maps };
    expect(readDigest(runDigest(run, stored, PICTURE)).attribution).toEqual(attribution);
    const without = { ...run, arrays: { ...run.arrays, gradient: null } };
    expect(readDigest(runDigest(without, stored, PICTURE)).attribution).toEqual(stored);
  });

  it("comes back for any run", () => {
    fc.assert(
      fc.property(arbitraryRun, ({ run: any, attribution: stored }) => {
        const bare = { ...any, arrays: { ...any.arrays, gradient: null, gradientReferenceLast: null } };
        const data = readDigest(runDigest(bare, stored, PICTURE));
        expect(data.info).toEqual(any.info);
        expect(data.attribution).toEqual(stored);
        expect(data.arrays.imagePositions).toEqual(any.arrays.imagePositions);
      }),
    );
  });

  it.each([
    ["info.model.layers", 0, /info|model\.layers should be a whole number/],
    ["info.tokens", [], /scoreImage has \d+ values, not 0/],
    ["picture", "https://example.org/x.png", /picture is not the bytes/],
    ["picture", "data:image/svg+xml;base64,AA==", /picture is not the bytes/],
    ["arrays", null, /arrays is not an object/],
    ["arrays.imagePositions", Int32Array.of(1, 2), /imagePositions has 2 values, not 20/],
    ["arrays.imagePositions", new Int32Array(20), /not an ascending list/],
    ["attribution.headWeight", new Float32Array(3), /headWeight has 3 values/],
    ["attribution.tokenWeight", [1, 2], /tokenWeight is missing or has the wrong number type/],
    ["attribution.textWinner", undefined, /textWinner is missing/],
    ["attribution.reasons", [], /reasons has 0 entries, not 12/],
    ["attribution.reasons", [{ image: 7 }], /attribution\.reasons\[0\]/],
    ["gradientNote", 7, /gradientNote should be a text/],
    ["format", "dexar-run", /does not say that it is a DEX-AR result/],
    ["version", "1", /version/],
  ])("with a broken %s is refused in words", (path, value, message) => {
    const error = thrownBy(() => readDigest(withField(path, value)));
    expect(error).toMatchObject({
      code: "digest-damaged",
      nextStep: containing("Run it again"),
    });
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toContain("run file");
  });

  it.each([
    ["nothing", ""],
    ["half of it", (text: string) => text.slice(0, text.length / 2)],
    ["another kind of JSON", "[1]"],
    ["null", "null"],
    ["a broken array", (text: string) => text.replace('"base64":"', '"base64":"§')],
    [
      "an array of no whole numbers",
      (text: string) => text.replace(/"\$array":"f32","base64":"[^"]{4}/, '"$array":"f32","base64":"'),
    ],
  ])("of %s is refused", (_name, change) => {
    const text = typeof change === "string" ? change : change(digest);
    expect(thrownBy(() => readDigest(text))).toMatchObject({ code: "digest-damaged" });
  });

  it("with any few characters changed is read or refused in words, never half", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ maxLength: 4 }), fc.nat({ max: 9 }), (place, patch, cut) => {
        const start = place % digest.length;
        const text = digest.slice(0, start) + patch + digest.slice(start + cut);
        try {
          expect(readDigest(text).attribution.headWeight).toHaveLength(attribution.headWeight.length);
        } catch (error) {
          expect(error).toMatchObject({ code: matching(/^digest-(damaged|newer)$/) });
        }
      }),
    );
  });

  it("of a newer version asks for an update", () => {
    expect(thrownBy(() => readDigest(withField("version", 2)))).toMatchObject({
      code: "digest-newer",
      nextStep: containing("Update DEX-AR"),
    });
  });
});
