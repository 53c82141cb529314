import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { llavaModelFolder } from "./llavaModels.js";

const SHARED = join(import.meta.dirname, "../../../shared/fixtures/llava-reference");
const COMMITTED = join(import.meta.dirname, "../fixtures/llava-reference");

/** True when the whole pack lies beside the checkout; otherwise the committed part is used. */
export const wholePack = existsSync(SHARED);

/** Root of the reference pack. */
export const packRoot = wholePack ? SHARED : COMMITTED;

/** A complete model folder of the pack; null when it is not at hand (p2 is committed without its other parts). */
export function packModel(name: string): string | null {
  const folder =
    wholePack || name !== "p1-decomposed" ? join(packRoot, "models", name) : llavaModelFolder(name);
  return existsSync(join(folder, "onnx", "vision_encoder.onnx")) ? folder : null;
}

/** Values of one golden sequence; `array` reads a stored array, null when it is not at hand. */
export interface GoldenPart {
  readonly ids: readonly number[];
  array(name: string): Float32Array | null;
}

export interface GoldenCase {
  readonly id: string;
  readonly image: string;
  readonly prompt: string;
  readonly target: string;
  readonly inputIds: readonly number[];
  readonly forced: GoldenPart;
  readonly generated: GoldenPart;
}

interface StoredPart {
  readonly ids?: readonly number[];
  readonly arrays: Readonly<Record<string, { readonly file: string }>>;
}

interface StoredCase {
  readonly id: string;
  readonly image: string;
  readonly prompt: string;
  readonly target: string;
  readonly input_ids: readonly number[];
  readonly target_ids: readonly number[];
  readonly teacher_forced: StoredPart;
  readonly generated: StoredPart;
}

/** The golden cases of a model (`p1`, `p2`) and variant (`fp32`, `q4`); empty when not at hand. */
export function goldenCases(model: string, variant: string): GoldenCase[] {
  const folder = join(packRoot, "goldens", model, variant);
  if (!existsSync(join(folder, "cases.json"))) return [];
  const { cases } = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as { cases: StoredCase[] };
  return cases.map((c) => ({
    id: c.id,
    image: join(packRoot, "images", `${c.image}.png`),
    prompt: c.prompt,
    target: c.target,
    inputIds: c.input_ids,
    forced: { ids: c.target_ids, array: (name) => storedArray(folder, c.teacher_forced, name) },
    generated: { ids: c.generated.ids ?? [], array: (name) => storedArray(folder, c.generated, name) },
  }));
}

function storedArray(folder: string, part: StoredPart, name: string): Float32Array | null {
  const entry = part.arrays[name];
  return entry ? readFloats(join(folder, entry.file)) : null;
}

/** Raw little-endian float32 values of a file, or null when there is none. */
export function readFloats(path: string): Float32Array | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** One output of the authors' published wrapper. */
export interface OfficialRun {
  readonly case: string;
  readonly layerIndex: number;
  array(name: string): Float32Array;
}

/** What the authors' code returned for a model; empty when not at hand. */
export function officialRuns(model: string): OfficialRun[] {
  const folder = join(packRoot, "goldens", model, "official");
  if (!existsSync(join(folder, "official.json"))) return [];
  const { runs } = JSON.parse(readFileSync(join(folder, "official.json"), "utf8")) as {
    runs: { case: string; layer_index: number; arrays: Record<string, { file: string }> }[];
  };
  return runs.map((run) => ({
    case: run.case,
    layerIndex: run.layer_index,
    array: (name) => readFloats(join(folder, run.arrays[name]?.file ?? "")) ?? new Float32Array(),
  }));
}
