import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DexarError } from "../../core/errors.js";

/** File-name endings of the weight types, best first (transformers.js names). */
export const DTYPE_SUFFIXES: Readonly<Record<string, string>> = {
  fp32: "",
  fp16: "_fp16",
  q4: "_q4",
  q4f16: "_q4f16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  bnb4: "_bnb4",
};

/** The three parts of a vision-language model in transformers.js layout. */
export const MODEL_PARTS = ["vision_encoder", "embed_tokens", "decoder_model_merged"] as const;
export type ModelPart = (typeof MODEL_PARTS)[number];

/** Files that every model folder needs besides its graphs. */
export const CONFIG_FILES = [
  "config.json",
  "preprocessor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
] as const;

/** Weight types for which the folder holds `part`, best first. */
export function dtypesOf(modelDir: string, part: ModelPart): string[] {
  return Object.keys(DTYPE_SUFFIXES).filter((dtype) => existsSync(partPath(modelDir, part, dtype)));
}

/** Path of a part in a weight type. */
export function partPath(modelDir: string, part: ModelPart, dtype: string): string {
  return join(modelDir, "onnx", `${part}${DTYPE_SUFFIXES[dtype] ?? ""}.onnx`);
}

/** Bytes on disk of the parts in their weight types, with the weights that lie beside a graph (`….onnx_data`). */
export function modelBytes(modelDir: string, dtypes: Readonly<Record<ModelPart, string>>): number {
  const folder = join(modelDir, "onnx");
  const graphs = MODEL_PARTS.map((part) => basename(partPath(modelDir, part, dtypes[part])));
  return readdirSync(folder)
    .filter((name) => graphs.some((graph) => name === graph || name.startsWith(`${graph}_data`)))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Weight type of every part: the decoder's as asked (best when null), the others the same where there is a file. */
export function chooseDtypes(modelDir: string, dtype: string | null): Record<ModelPart, string> {
  const choose = (part: ModelPart, wish: string | null, strict: boolean): string => {
    const found = dtypesOf(modelDir, part);
    const [best] = found;
    if (best === undefined) throw missingFile(modelDir, `onnx/${part}.onnx`);
    if (wish === null || found.includes(wish)) return wish ?? best;
    if (!strict) return best;
    throw new DexarError(
      "dtype-not-found",
      `${modelDir} has no ${part} in "${wish}".`,
      `Choose one of: ${found.join(", ")}.`,
    );
  };
  const decoder = choose("decoder_model_merged", dtype, true);
  return {
    decoder_model_merged: decoder,
    vision_encoder: choose("vision_encoder", decoder, false),
    embed_tokens: choose("embed_tokens", decoder, false),
  };
}

/** Checks that `modelDir` is a folder with all configuration files; throws naming the first that is missing. */
export function checkModelFolder(modelDir: string): void {
  if (!existsSync(modelDir) || !statSync(modelDir).isDirectory()) {
    throw new DexarError(
      "model-not-found",
      `There is no model folder "${modelDir}".`,
      "Choose a folder that holds a model in transformers.js layout (config.json, tokenizer.json, onnx/…).",
    );
  }
  for (const name of CONFIG_FILES) {
    if (!existsSync(join(modelDir, name))) throw missingFile(modelDir, name);
  }
}

/** Reads a JSON file of a model folder; `{}` when `optional` and absent. */
export function readModelJson(modelDir: string, name: string, optional = false): Record<string, unknown> {
  const path = join(modelDir, name);
  if (!existsSync(path)) {
    if (optional) return {};
    throw missingFile(modelDir, name);
  }
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw new DexarError("model-config-damaged", `${path} is not valid JSON.`, "Download the file again.", {
      cause,
    });
  }
}

function missingFile(modelDir: string, name: string): DexarError {
  return new DexarError(
    "model-file-missing",
    `The model folder "${modelDir}" has no ${name}.`,
    "Download the whole model in transformers.js layout (config, tokenizer, preprocessor, onnx/*.onnx).",
  );
}
