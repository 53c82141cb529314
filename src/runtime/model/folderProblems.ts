import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import path from "node:path";
import { DexarError } from "../../core/errors.js";
import { bytesText } from "../../core/memory/bytesText.js";
import type { PartFiles } from "./modelFiles.js";

/** Files that every model folder needs besides its graphs. */
export const CONFIG_FILES = [
  "config.json",
  "preprocessor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
] as const;

/** Endings that browsers and download tools give to what is not all there yet. */
const UNFINISHED = [".part", ".partial", ".incomplete", ".crdownload", ".download", ".aria2", ".tmp"];
const PYTORCH = /\.(?:safetensors|pt|pth)$|^pytorch_model.*\.bin$/;

/** Why a folder is no whole model, most important first; none when all files are there that every model needs. */
export function* folderProblems(dir: string): Generator<DexarError> {
  if (!existsSync(dir)) {
    yield new DexarError("model-not-found", `There is no model folder "${dir}".`, LAYOUT);
    return;
  }
  if (!statSync(dir).isDirectory()) {
    yield new DexarError("model-not-folder", `"${dir}" is a file, not a model folder.`, LAYOUT);
    return;
  }
  const names = readdirSync(dir);
  const other = otherKind(dir, names);
  if (other !== null) yield other;
  if (other?.code === "not-a-model-folder") return;
  for (const name of CONFIG_FILES) {
    if (!names.includes(name)) yield missingFile(dir, name);
    else yield* contentProblems(dir, name);
  }
}

/** What is wrong with the files of the parts that are to be loaded, before they are read. */
export function* partProblems(dir: string, { all }: PartFiles): Generator<DexarError> {
  const folder = path.join(dir, "onnx");
  const names = readdirSync(folder);
  for (const { path: file } of all) {
    const graph = path.basename(file);
    const own = names.filter((name) => name === graph || name.startsWith(`${graph}_data`));
    for (const name of own) {
      const whole = withoutUnfinished(name);
      if (whole !== null && !names.includes(whole)) yield unfinished(`onnx/${whole}`, `onnx/${name}`);
      else if (whole === null) yield* contentProblems(dir, `onnx/${name}`);
    }
  }
}

/** `model-file-missing`, or that its download was not finished. */
export function missingFile(dir: string, name: string): DexarError {
  const left = UNFINISHED.map((ending) => `${name}${ending}`).find((file) =>
    existsSync(path.join(dir, file)),
  );
  if (left !== undefined) return unfinished(name, left);
  return new DexarError(
    "model-file-missing",
    `The model folder "${dir}" has no ${name}.`,
    MISSING_STEPS[name] ?? WHOLE,
  );
}

const LAYOUT =
  "Choose a folder that holds a model in transformers.js layout (config.json, tokenizer.json, onnx/…).";
const WHOLE =
  "Download the whole model in transformers.js layout (config, tokenizer, preprocessor, onnx/*.onnx).";
const EXPORT =
  "Export the model to ONNX in transformers.js layout (transformers.js's conversion script or Optimum), into a folder onnx beside config.json; for a fine-tuned model the files beside it are those of the model it was made from.";
const MISSING_STEPS: Readonly<Record<string, string>> = {
  "preprocessor_config.json":
    "It says how pictures are prepared. Copy it, with processor_config.json where there is one, from the model that this one was made from.",
  "tokenizer.json":
    "Copy it from the model that this one was made from, or save it again with a fast tokenizer (AutoTokenizer.save_pretrained).",
};

/** A folder of another kind of model, or of none. */
function otherKind(dir: string, names: readonly string[]): DexarError | null {
  if (hasGraphs(path.join(dir, "onnx"))) return null;
  const kind = (pattern: RegExp) => names.find((name) => pattern.test(name));
  const [weights, gguf, graph] = [kind(PYTORCH), kind(/\.gguf$/), kind(/\.onnx$/)];
  const message = (what: string) => `The folder "${dir}" ${what}.`;
  if (graph !== undefined) {
    return new DexarError(
      "model-layout",
      message(`has its ONNX files (${graph}) beside config.json instead of in a folder onnx`),
      "Move them into a folder onnx, as vision_encoder.onnx, embed_tokens.onnx and decoder_model_merged.onnx; a model that onnxruntime-genai built in one piece has to be exported as these three.",
    );
  }
  if (weights !== undefined) {
    return new DexarError(
      "model-not-exported",
      message(`holds PyTorch weights (${weights}) and no ONNX graphs`),
      EXPORT,
    );
  }
  if (gguf !== undefined) {
    return new DexarError(
      "model-not-exported",
      message(`holds weights for llama.cpp (${gguf}), which have no graph to take gradients of`),
      EXPORT,
    );
  }
  if (names.includes("config.json") || names.includes("onnx")) return null;
  return new DexarError(
    "not-a-model-folder",
    message("is not a model folder: it has neither config.json nor a folder onnx"),
    LAYOUT,
  );
}

function hasGraphs(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".onnx"));
}

/** A file that stands for another one: what Git LFS leaves, or a page that says why there was no download. */
function* contentProblems(dir: string, name: string): Generator<DexarError> {
  const file = path.join(dir, name);
  const start = beginning(file);
  if (start.startsWith("version https://git-lfs.github.com/spec/")) {
    const size = Number(/^size (\d+)$/m.exec(start)?.[1] ?? NaN);
    yield new DexarError(
      "model-file-pointer",
      `${file} is a pointer of Git LFS, not the file itself${Number.isFinite(size) ? `, which has ${bytesText(size)}` : ""}.`,
      "Run `git lfs install` and `git lfs pull` in the folder, or download the file from the model's page.",
    );
  } else if (/^\s*<(?:!doctype|html)/i.test(start)) {
    yield new DexarError(
      "model-file-web-page",
      `${file} is a web page, not the file itself.`,
      "Download it again from the model's page; a model that asks for a licence needs a token.",
    );
  }
}

function beginning(file: string): string {
  const bytes = new Uint8Array(400);
  const handle = openSync(file, "r");
  try {
    return new TextDecoder("latin1").decode(bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, 0)));
  } finally {
    closeSync(handle);
  }
}

/** The name that a file will have when its download is finished; null for a whole file. */
function withoutUnfinished(name: string): string | null {
  const ending = UNFINISHED.find((end) => name.endsWith(end));
  return ending === undefined ? null : name.slice(0, -ending.length);
}

function unfinished(name: string, left: string): DexarError {
  return new DexarError(
    "model-download-unfinished",
    `The download of ${name} was not finished: ${left} is there in its place.`,
    "Finish the download, or repeat it; `dexar models pull` goes on where it stopped.",
  );
}
