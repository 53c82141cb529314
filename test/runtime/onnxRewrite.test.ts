import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { collectExternalFiles, readModel, writeModel } from "../../src/core/onnx/index.js";
import { openModelFolder } from "../../src/runtime/modelFolder.js";
import { llavaModelFolder } from "../helpers/llavaModels.js";

const POSITIONS = 5;
const OPTIONS = { intraOpNumThreads: 1, executionProviders: ["cpu"] };
/** In the whole pack only. */
const HALF = "onnx/decoder_model_merged_fp16.onnx";
const sessions: InferenceSession[] = [];

afterAll(async () => {
  for (const session of sessions) await session.release();
});

describe("a rewritten model runs as the original", () => {
  it.each([
    ["p1", "decoder_model_merged.onnx", 60_000],
    ["p1", "decoder_model_merged_q4.onnx", 60_000],
    ["p1", "embed_tokens.onnx", 1_000],
    ["p1-decomposed", "decoder_model_merged.onnx", 250_000],
    ["p2", "decoder_model_merged.onnx", 60_000],
    ...(existsSync(join(llavaModelFolder("p1"), HALF)) ? ([["p1", basename(HALF), 60_000]] as const) : []),
  ] as const)("%s %s", async (model, fileName, maxBytes) => {
    const directory = join(llavaModelFolder(model), "onnx");
    const rewritten = writeModel(readModel(openModelFolder(directory), fileName));
    expect(rewritten.length).toBeLessThan(maxBytes);

    const original = await InferenceSession.create(join(directory, fileName), OPTIONS);
    const copy = await InferenceSession.create(rewritten, {
      ...OPTIONS,
      extra: { session: { model_external_initializers_file_folder_path: directory } },
    });
    sessions.push(original, copy);
    const expected = await original.run(inputsOf(original));
    const actual = await copy.run(inputsOf(copy));

    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, tensor] of Object.entries(expected)) {
      expect(actual[name]?.dims).toEqual(tensor.dims);
      if (tensor.type === "float32")
        expect(Array.from(tensor.data as Float32Array).every(Number.isFinite)).toBe(true);
      expect(actual[name]?.data, name).toEqual(tensor.data);
    }
  });

  it("refers to the original files", () => {
    const p1 = openModelFolder(join(llavaModelFolder("p1"), "onnx"));
    const p2 = openModelFolder(join(llavaModelFolder("p2"), "onnx"));
    expect(collectExternalFiles(readModel(p1, "decoder_model_merged.onnx"))).toEqual([
      "decoder_model_merged.onnx",
    ]);
    expect(collectExternalFiles(readModel(p2, "decoder_model_merged.onnx"))).toEqual([
      "decoder_model_merged.onnx_data",
    ]);
  });
});

/** One step of five positions without a cache: deterministic values of the sizes the session asks for. */
function inputsOf(session: InferenceSession): Record<string, Tensor> {
  return Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new Error(`${input.name} is not a tensor`);
      const dims = input.shape.map((dim, axis) => {
        if (typeof dim === "number") return dim;
        if (axis === 0) return 1;
        return input.name.startsWith("past") ? 0 : POSITIONS;
      });
      return [input.name, filled(input.name, input.type, dims)];
    }),
  );
}

function filled(name: string, type: Tensor.Type, dims: number[]): Tensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const integer = (i: number) => (name === "attention_mask" ? 1n : BigInt(i));
  switch (type) {
    case "int64":
      return new Tensor(
        type,
        BigInt64Array.from({ length: count }, (_, i) => integer(i)),
        dims,
      );
    case "float16":
      return new Tensor(type, new Uint16Array(count), dims);
    default:
      return new Tensor(
        "float32",
        Float32Array.from({ length: count }, (_, i) => Math.sin(i)),
        dims,
      );
  }
}
