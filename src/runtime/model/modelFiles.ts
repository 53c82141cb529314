import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DTYPE_SUFFIXES } from "../../core/dtypeSuffixes.js";
import { DexarError } from "../../core/errors.js";
import { CONFIG_FILES, folderProblems, missingFile } from "./folderProblems.js";
import { decoderPart, type ModelPart, type PartRole } from "../families/parts.js";

export { CONFIG_FILES, DTYPE_SUFFIXES };

/** A part of a model in the weight type that is used. */
export interface PartFile extends ModelPart {
  readonly dtype: string;
  readonly path: string;
}

/** A model's parts, the decoder at hand. */
export interface PartFiles {
  readonly all: readonly PartFile[];
  readonly decoder: PartFile;
}

/** Weight types for which the folder holds a part's `file`, best first. */
export function dtypesOf(modelDir: string, file: string): string[] {
  return Object.keys(DTYPE_SUFFIXES).filter((dtype) => existsSync(partPath(modelDir, file, dtype)));
}

/** Path of a part's `file` in a weight type. */
export function partPath(modelDir: string, file: string, dtype: string): string {
  return join(modelDir, "onnx", `${file}${DTYPE_SUFFIXES[dtype] ?? ""}.onnx`);
}

/** Bytes on disk of the parts in their weight types, with the weights that lie beside a graph (`….onnx_data`). */
export function modelBytes(modelDir: string, parts: PartFiles): number {
  const folder = join(modelDir, "onnx");
  const graphs = parts.all.map(({ path }) => basename(path));
  return readdirSync(folder)
    .filter((name) => graphs.some((graph) => name === graph || name.startsWith(`${graph}_data`)))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/**
 * The file of every part: the decoder's in the weight type asked for (the best when null), the others in the same
 * where there is such a file. Throws `model-file-missing` or `dtype-not-found`.
 */
export function chooseParts(modelDir: string, parts: readonly ModelPart[], dtype: string | null): PartFiles {
  const choose = (part: ModelPart, wish: string | null): PartFile => {
    const found = dtypesOf(modelDir, part.file);
    const [best] = found;
    if (best === undefined) throw missingFile(modelDir, `onnx/${part.file}.onnx`);
    const chosen = wish !== null && found.includes(wish) ? wish : best;
    return { ...part, dtype: chosen, path: partPath(modelDir, part.file, chosen) };
  };
  const decoder = choose(decoderPart(parts), dtype);
  if (dtype !== null && decoder.dtype !== dtype) {
    throw new DexarError(
      "dtype-not-found",
      `${modelDir} has no ${decoder.file} in "${dtype}".`,
      `Choose one of: ${dtypesOf(modelDir, decoder.file).join(", ")}.`,
    );
  }
  const all = parts.map((part) => (part.role === "decoder" ? decoder : choose(part, decoder.dtype)));
  return { all, decoder };
}

/** The parts that do the same kind of work. */
export function partsOf({ all }: PartFiles, role: PartRole): readonly PartFile[] {
  return all.filter((part) => part.role === role);
}

/** Checks that `modelDir` is a folder with all configuration files; throws the first of `folderProblems`. */
export function checkModelFolder(modelDir: string): void {
  for (const problem of folderProblems(modelDir)) throw problem;
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
