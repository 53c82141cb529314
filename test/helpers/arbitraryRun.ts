import fc from "fast-check";
import type { StoredAttribution } from "../../src/core/attribution/types.js";
import type { PromptToken, Rectangle, Run, RunInfo, RunToken } from "../../src/core/run/types.js";

export interface StoredRun {
  readonly run: Run;
  readonly attribution: StoredAttribution;
}

const float = fc.float({ noDefaultInfinity: true, noNaN: true });
const floats = (length: number) =>
  fc.array(float, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));
const logprob = fc.oneof(
  fc.double({ min: -50, max: 0, noNaN: true }).map((value) => value + 0),
  fc.constant(-Infinity),
);
const text = fc.string({ unit: "grapheme", maxLength: 6 });
const id = fc.nat({ max: 200_000 });
const coordinate = fc.integer({ min: 0, max: 64 });
const rectangle = fc.tuple(coordinate, coordinate, coordinate, coordinate) as fc.Arbitrary<Rectangle>;

const token: fc.Arbitrary<RunToken> = fc.record({
  id,
  text,
  kind: fc.constantFrom("generated", "forced"),
  logprob,
  alternatives: fc.array(fc.record({ id, text, logprob }), { maxLength: 2 }),
  stop: fc.boolean(),
});

const sizes = fc.record({
  layers: fc.integer({ min: 1, max: 3 }),
  heads: fc.integer({ min: 1, max: 2 }),
  image: fc.integer({ min: 0, max: 4 }),
  before: fc.integer({ min: 1, max: 3 }),
  tokens: fc.array(token, { maxLength: 3 }),
  withGradient: fc.boolean(),
});

/** A small run of any sizes with arrays that fit it (their values mean nothing). */
export const arbitraryRun: fc.Arbitrary<StoredRun> = sizes.chain(
  ({ layers: L, heads: H, image: N, before, tokens, withGradient }) => {
    const T = tokens.length;
    const S = before + N;
    const P = S + T - 1;
    const prompt: PromptToken[] = [
      ...Array.from({ length: before }, (): PromptToken => ({ text: "<s>", kind: "special" })),
      ...Array.from({ length: N }, (): PromptToken => ({ text: "<image>", kind: "image" })),
    ];
    return fc.record({
      run: fc.record({
        info: arbitraryInfo(L, H, N, tokens, prompt),
        image: fc.uint8Array({ maxLength: 40 }),
        arrays: fc.record({
          inputIds: fc.array(id, { minLength: S + T, maxLength: S + T }).map((ids) => Int32Array.from(ids)),
          imagePositions: fc.constant(Int32Array.from({ length: N }, (_, index) => before + index)),
          gradient: withGradient ? floats(T * L * H * P) : fc.constant(null),
          gradientReferenceLast: withGradient ? floats(T * H * P) : fc.constant(null),
          lensLogit: floats(T * L),
        }),
      }),
      attribution: fc.record({
        scoreImage: floats(T * L * H),
        scoreText: floats(T * L * H),
        headWeight: floats(T * L * H),
        tokenHeatmap: floats(T * N),
        tokenHeatmapUnfiltered: floats(T * N),
        tokenWeight: floats(T),
        sequenceHeatmap: floats(N),
        sequenceHeatmapUnfiltered: floats(N),
      }),
    });
  },
);

function arbitraryInfo(
  layers: number,
  heads: number,
  cells: number,
  tokens: readonly RunToken[],
  prompt: readonly PromptToken[],
): fc.Arbitrary<RunInfo> {
  return fc.record({
    format: fc.constant("dexar-run" as const),
    version: fc.constant(1 as const),
    id: text,
    tool: text,
    time: fc.constant("2026-11-23T08:00:00.000Z"),
    model: fc.record({
      name: text,
      family: text,
      files: fc.array(fc.record({ name: text, bytes: fc.nat(), sha256: text }), { maxLength: 2 }),
      dtype: text,
      device: text,
      layers: fc.constant(layers),
      heads: fc.constant(heads),
    }),
    prompt: fc.record({ text, rendered: text, tokens: fc.constant(prompt) }).map(withSpans),
    generation: fc.record(
      {
        mode: fc.constantFrom("generated" as const, "forced" as const),
        maxNewTokens: fc.nat(),
        temperature: fc.constantFrom(0, 0.7),
        topK: fc.nat(),
        seed: fc.option(fc.nat()),
        finish: fc.constantFrom("stop" as const, "length" as const, "target" as const, "cancelled" as const),
        topP: fc.constantFrom(0, 0.9),
        minP: fc.constantFrom(0.1, 1),
        repetitionPenalty: fc.constantFrom(0.8, 1.2),
        stopStrings: fc.array(text, { minLength: 1, maxLength: 2 }),
        systemPrompt: text,
        stopString: text,
        continued: fc.record({ run: text, tokens: fc.nat() }),
      },
      { requiredKeys: ["mode", "maxNewTokens", "temperature", "topK", "seed", "finish"] },
    ),
    image: fc.record({
      name: text,
      entry: fc.constantFrom("image.png", "image.jpg", "image.webp"),
      width: fc.integer({ min: 1, max: 64 }),
      height: fc.integer({ min: 1, max: 64 }),
      sha256: text,
      seen: rectangle,
    }),
    tokens: fc.constant(tokens),
    cells: fc.array(rectangle, { minLength: cells, maxLength: cells }),
    settings: fc.record({
      preset: fc.constantFrom("paper" as const, "reference" as const),
      layers: fc.integer({ min: 0, max: layers - 1 }).map((from) => [from, layers] as const),
      textSet: fc.constantFrom("all" as const, "generated" as const, { positions: [0, 2] }),
      score: fc.constantFrom({ kind: "max" as const }, { kind: "top-k" as const, k: 3 }),
      overrides: fc.constantFrom([], [{ layer: 0, head: 0, decision: "keep" as const }]),
      includeStop: fc.boolean(),
    }),
    timings: fc.dictionary(text, fc.nat(), { maxKeys: 2, noNullPrototype: true }),
    warnings: fc.array(text, { maxLength: 2 }),
    partial: fc.boolean(),
  });
}

/** The first token stands for all of the prompt's text, the others for none of it. */
function withSpans(prompt: RunInfo["prompt"]): RunInfo["prompt"] {
  const whole = prompt.text === "" ? null : ([0, prompt.text.length] as const);
  const tokens = prompt.tokens.map((token, index) => ({ ...token, span: index === 0 ? whole : null }));
  return { ...prompt, tokens };
}
