import { beforeAll, describe, expect, it } from "vitest";
import type { AttributionSettings } from "../../src/core/attribution/settings.js";
import { changedBetween } from "../../src/core/compare/changedBetween.js";
import type { RunInfo } from "../../src/core/run/types.js";
import { sampleRun } from "../helpers/sampleRun.js";

let info: RunInfo;

beforeAll(async () => {
  info = (await sampleRun({ columns: 3, rows: 3 })).info;
});

const codes = (b: RunInfo, a = info): string[] => changedBetween(a, b).map(({ code }) => code);
const set = (change: Partial<AttributionSettings>): RunInfo => ({
  ...info,
  settings: { ...info.settings, ...change },
});
const generated = (change: Partial<RunInfo["generation"]>): RunInfo => ({
  ...info,
  generation: { ...info.generation, ...change },
});
const model = (change: Partial<RunInfo["model"]>): RunInfo => ({
  ...info,
  model: { ...info.model, ...change },
});
const image = (change: Partial<RunInfo["image"]>): RunInfo => ({
  ...info,
  image: { ...info.image, ...change },
});

describe("changedBetween", () => {
  it("finds nothing between a run and itself, nor in what is no question: name, time, id, timings", () => {
    expect(changedBetween(info, info)).toEqual([]);
    const again = { ...image({ name: "copy.png" }), id: "other", time: "2027-01-01T00:00:00Z", timings: {} };
    expect(codes(again)).toEqual([]);
  });

  it("names the words of the prompt that changed", () => {
    const b = { ...info, prompt: { ...info.prompt, text: "Describe the small picture." } };
    expect(changedBetween(info, b)).toEqual([
      {
        code: "prompt",
        a: "Describe the picture.",
        b: "Describe the small picture.",
        parts: [
          { kind: "same", text: "Describe the " },
          { kind: "added", text: "small " },
          { kind: "same", text: "picture." },
        ],
      },
    ]);
    expect(codes({ ...info, prompt: { ...info.prompt, rendered: "USER: x" } })).toEqual(["template"]);
  });

  it("finds another picture, and another view of the same one", () => {
    expect(changedBetween(info, image({ sha256: "1".repeat(64), name: "dog.png", width: 10 }))).toEqual([
      {
        code: "picture",
        a: { name: "sample.png", width: 96, height: 96 },
        b: { name: "dog.png", width: 10, height: 96 },
      },
    ]);
    expect(codes({ ...info, cells: info.cells.slice(1) })).toEqual(["cells"]);
    expect(codes(image({ seen: [1, 1, 90, 90] }))).toEqual(["cells"]);
  });

  it("finds another model, dtype, device and other weights under the same name", () => {
    expect(codes(model({ name: "other", layers: 8 }))).toEqual(["model", "architecture"]);
    expect(codes(model({ dtype: "q4", device: "webgpu" }))).toEqual(["dtype", "device"]);
    const files = [{ name: "decoder.onnx", bytes: 1, sha256: "a".repeat(64) }];
    expect(codes(model({ files }))).toEqual(["weights"]);
    expect(codes(model({ files, dtype: "q4" }))).toEqual(["dtype"]);
  });

  it("finds each setting, and forced heads on either side only", () => {
    expect(codes(set({ preset: "reference" }))).toEqual(["preset"]);
    expect(codes(set({ layers: [1, 3] }))).toEqual(["layers"]);
    expect(codes(set({ textSet: { positions: [1] } }))).toEqual(["textSet"]);
    expect(codes(set({ score: { kind: "top-k", k: 4 } }))).toEqual(["score"]);
    expect(codes(set({ includeStop: true }))).toEqual(["includeStop"]);
    const keep = { layer: 0, head: 1, decision: "keep" } as const;
    const drop = { layer: 2, head: 1, decision: "drop" } as const;
    expect(changedBetween(set({ overrides: [keep, drop] }), set({ overrides: [drop] }))).toEqual([
      { code: "forcedHeads", a: [keep], b: [] },
    ]);
  });

  it("does not take all layers of a larger model for another range", () => {
    const larger = { ...model({ layers: 6 }), settings: { ...info.settings, layers: [0, 6] as const } };
    expect(codes(larger)).toEqual(["architecture"]);
    expect(codes({ ...larger, settings: { ...larger.settings, layers: [0, 3] } })).toEqual([
      "architecture",
      "layers",
    ]);
  });

  it("finds how the answer was made, where that could matter", () => {
    expect(codes(generated({ maxNewTokens: 8 }))).toEqual(["maxNewTokens"]);
    expect(codes(generated({ seed: 3, topK: 9 }))).toEqual([]);
    expect(codes(generated({ temperature: 0.7, seed: 3, topK: 9 }))).toEqual(["temperature", "topK", "seed"]);
    expect(codes(generated({ topP: 0.9, minP: 0.1 }))).toEqual([]);
    expect(codes(generated({ temperature: 0.7, topP: 0.9, minP: 0.1 }))).toEqual([
      "temperature",
      "topP",
      "minP",
    ]);
    expect(codes(generated({ repetitionPenalty: 1.2, stopStrings: ["."] }))).toEqual([
      "repetitionPenalty",
      "stopStrings",
    ]);
    expect(codes(generated({ systemPrompt: "be brief" }))).toEqual(["systemPrompt"]);
    expect(
      codes(generated({ topP: 1, minP: 0, repetitionPenalty: 1, stopStrings: [], systemPrompt: "" })),
    ).toEqual([]);
    expect(codes({ ...info, partial: true })).toEqual(["partial"]);
  });

  it("finds a given answer, and leaves the options of generating out then", () => {
    const forced = generated({ mode: "forced", maxNewTokens: 1, temperature: 1 });
    const answer = info.tokens.map(({ text }) => text).join("");
    expect(changedBetween(info, forced)).toEqual([{ code: "target", a: null, b: answer }]);
  });
});
