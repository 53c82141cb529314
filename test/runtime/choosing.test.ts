import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  PreTrainedTokenizer,
  RepetitionPenaltyLogitsProcessor,
  TemperatureLogitsWarper,
  Tensor,
  type LogitsProcessor,
} from "@huggingface/transformers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keepMinP, keepTopK, keepTopP } from "../../src/runtime/answer/choosing/filterLogits.js";
import { choosingOptions } from "../../src/runtime/answer/choosing/logitsProcessors.js";
import { StopText } from "../../src/runtime/answer/choosing/stopText.js";

interface Goldens {
  readonly logits: readonly {
    readonly options: Readonly<Record<string, number | boolean>>;
    readonly ids: readonly number[];
    readonly logits: readonly number[];
    readonly processed: readonly (number | null)[];
  }[];
  readonly vocabulary: readonly string[];
  readonly stops: readonly {
    readonly stops: readonly string[];
    readonly ids: readonly number[];
    /** Tokens of the answer when it is stopped. */
    readonly length: number | null;
  }[];
}

const FILE = join(import.meta.dirname, "../fixtures/generation/goldens.json");
const goldens = JSON.parse(readFileSync(FILE, "utf8")) as Goldens;

describe("logits as Python's transformers leaves them", () => {
  test.each(goldens.logits.map((golden) => [JSON.stringify(golden.options), golden] as const))(
    "%s",
    (_, { options, ids, logits, processed }) => {
      const { repetition_penalty, temperature = 0, top_k = 0, top_p, min_p } = options;
      const given = choosingOptions({
        temperature: Number(temperature),
        topK: Number(top_k),
        ...(top_p !== undefined && { topP: Number(top_p) }),
        ...(min_p !== undefined && { minP: Number(min_p) }),
        ...(repetition_penalty !== undefined && { repetitionPenalty: Number(repetition_penalty) }),
      });
      const row = new Tensor("float32", Float32Array.from(logits), [1, logits.length]);
      const input = [ids.map(BigInt)];
      // In the order that transformers.js's `generate` has them.
      const steps = [
        ...("repetition_penalty" in given
          ? [new RepetitionPenaltyLogitsProcessor(Number(given["repetition_penalty"]))]
          : []),
        ...("temperature" in given ? [new TemperatureLogitsWarper(Number(given["temperature"]))] : []),
        ...((given["logits_processor"] ?? []) as LogitsProcessor[]),
      ];
      for (const step of steps) step._call(input, row);
      const made = Array.from(row.data as Float32Array);
      const expected = processed.map((value) => value ?? -Infinity);
      // Which of equal logits stays at the border of top-p is chance in Python: its sort is not stable.
      const hasTies = new Set(logits).size < logits.length;
      const [ours, theirs] = hasTies
        ? [made.toSorted(ascending), expected.toSorted(ascending)]
        : [made, expected];
      expect(ours.map((value) => value > -Infinity)).toEqual(theirs.map((value) => value > -Infinity));
      for (const [at, value] of theirs.entries())
        if (value > -Infinity) expect(ours[at]).toBeCloseTo(value, 4);
      expect(given["do_sample"]).toBe(options["do_sample"] ?? true);
    },
  );
});

test("whatever the filters, the likeliest token stays and the rest keeps its values", () => {
  const row = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 30 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(row, fc.nat(31), share, share, (values, k, p, least) => {
      const logits = Float32Array.from(values);
      const kept = logits.slice();
      keepTopK(kept, k);
      keepTopP(kept, p);
      keepMinP(kept, least);
      expect(Math.max(...kept)).toBe(Math.max(...logits));
      for (const [id, value] of kept.entries()) expect([logits[id], -Infinity]).toContain(value);
    }),
  );
});

describe("stop strings end an answer where Python's transformers ends it", () => {
  const tokenizer = smallTokenizer(goldens.vocabulary);
  const names = goldens.stops.map((golden) => {
    const answer = golden.ids.map((id) => goldens.vocabulary[id]).join(" ");
    return [JSON.stringify(golden.stops), answer, golden] as const;
  });
  test.each(names)("%s in %s", (_, __, { stops, ids, length }) => {
    const stop = new StopText(tokenizer, stops);
    const ends = ids.findIndex((___, last) => {
      stop.look(ids.slice(0, last + 1));
      return stop.found !== null;
    });
    expect(ends === -1 ? null : ends + 1).toBe(length);
    expect(stop.found === null || stops.includes(stop.found)).toBe(true);
  });
});

test("without stop strings nothing is looked for", () => {
  const stop = new StopText(null, []);
  stop.look([1, 2]);
  expect(stop.found).toBeNull();
});

function ascending(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

/** The tokenizer of `tools/generationGoldens.py`. */
function smallTokenizer(vocabulary: readonly string[]): PreTrainedTokenizer {
  const added = ["<unk>", "</s>"].map((content, id) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  }));
  const json = {
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      unk_token: "<unk>",
      vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])),
      merges: [],
    },
  };
  return new PreTrainedTokenizer(json, { unk_token: "<unk>", eos_token: "</s>" });
}
