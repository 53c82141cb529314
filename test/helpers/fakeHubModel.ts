import { createHash } from "node:crypto";
import type { FakeModel } from "./fakeHub.js";

/** Bytes that differ from place to place and from seed to seed. */
export function noise(length: number, seed: string): Uint8Array {
  const bytes = new Uint8Array(length);
  let block = createHash("sha256").update(seed).digest();
  for (let at = 0; at < length; at += block.length) {
    block = createHash("sha256").update(block).digest();
    bytes.set(block.subarray(0, Math.min(block.length, length - at)), at);
  }
  return bytes;
}

/** A model in transformers.js layout whose graphs are noise, in two weight types, one with weights beside its graph. */
export function noisyModel(rest: Omit<FakeModel, "files"> = {}): FakeModel {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return {
    ...rest,
    files: {
      ".gitattributes": text("no part of the model"),
      "README.md": text("card"),
      "config.json": text({ model_type: "llava" }),
      "preprocessor_config.json": text({ size: 1 }),
      "tokenizer.json": text({ vocabulary: [] }),
      "tokenizer_config.json": text({ a: 1 }),
      "model.safetensors": noise(50_000, "torch"),
      "onnx/vision_encoder.onnx": noise(120_000, "v"),
      "onnx/vision_encoder_q4.onnx": noise(60_000, "v4"),
      "onnx/embed_tokens.onnx": noise(90_000, "e"),
      "onnx/decoder_model.onnx": noise(30_000, "unmerged"),
      "onnx/decoder_model_merged.onnx": noise(20_000, "d"),
      "onnx/decoder_model_merged.onnx_data": noise(400_000, "dd"),
      "onnx/decoder_model_merged_q4.onnx": noise(200_000, "d4"),
    },
  };
}
