import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FAMILIES = fileURLToPath(new URL("../families", import.meta.url));
const assembled = new Map<string, string>();

/**
 * A tiny model of test/families, as transformers.js lays it out; tools/families makes them.
 * @param overlay a folder of `overlays` whose files replace the model's (another decoder, another configuration): the
 * two are put together in a temporary folder, once
 */
export function familyFolder(name: string, overlay: string | null = null): string {
  const folder = join(FAMILIES, name);
  if (overlay === null) return folder;
  const key = `${name}/${overlay}`;
  const made = assembled.get(key) ?? mkdtempSync(join(tmpdir(), "dexar-family-"));
  if (!assembled.has(key)) {
    const over = join(folder, "overlays", overlay);
    // Weight types of a graph that the overlay replaces belong to the one it replaces.
    const replaced = existsSync(join(over, "onnx"))
      ? readdirSync(join(over, "onnx")).map((file) => join(folder, "onnx", file.replace(/\.onnx$/, "")))
      : [];
    cpSync(folder, made, {
      recursive: true,
      filter: (path) =>
        path !== join(folder, "overlays") && !replaced.some((graph) => path.startsWith(`${graph}_`)),
    });
    cpSync(over, made, { recursive: true });
    assembled.set(key, made);
  }
  return made;
}

/** An array of goldens.bin: where it begins, in bytes, and what it holds. */
interface StoredArray {
  readonly at: number;
  readonly shape: readonly number[];
  readonly type: "float32" | "uint8";
}

/** Pixel values; bytes become them by (byte * scale - mean) / std, the channel changing every `run` values. */
interface StoredPixels extends Omit<StoredArray, "at" | "type"> {
  readonly at?: number;
  /** Noise is made here and in the recipe alike. */
  readonly type: StoredArray["type"] | "noise";
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly run?: number;
  readonly scale?: number;
}

interface StoredPart {
  readonly ids: readonly number[];
  readonly arrays: Readonly<Record<string, StoredArray>>;
}

interface StoredCase {
  readonly id: string;
  readonly image: string;
  readonly question: string;
  readonly rendered: string;
  readonly input_ids: readonly number[];
  readonly image_positions: readonly number[];
  readonly settings: Readonly<Record<string, unknown>>;
  readonly pixel_values: StoredPixels;
  readonly forced: StoredPart;
  readonly greedy: StoredPart;
}

/** Golden values of one answer. */
export interface FamilyAnswer {
  readonly ids: readonly number[];
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

/** A question about a picture with its golden values. */
export interface FamilyCase {
  readonly id: string;
  readonly image: string;
  readonly question: string;
  /** The prompt as the tokenizer sees it. */
  readonly rendered: string;
  readonly inputIds: readonly number[];
  readonly imagePositions: readonly number[];
  /** What the golden values were made with, where it is not the default. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What Python's processor makes of the picture, or noise that is none of a picture. */
  readonly pixels: {
    readonly shape: readonly number[];
    readonly values: Float32Array;
    readonly areNoise: boolean;
  };
  readonly forced: FamilyAnswer;
  readonly greedy: FamilyAnswer;
}

/** The golden cases of a model folder. */
export function familyCases(folder: string): FamilyCase[] {
  const { cases } = JSON.parse(readFileSync(join(folder, "goldens", "cases.json"), "utf8")) as {
    cases: StoredCase[];
  };
  const bytes = readFileSync(join(folder, "goldens", "goldens.bin"));
  const answer = ({ ids, arrays }: StoredPart): FamilyAnswer => ({
    ids,
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([name, entry]) => [name, readArray(bytes, entry)]),
    ),
  });
  return cases.map((c) => ({
    id: c.id,
    image: join(folder, c.image),
    question: c.question,
    rendered: c.rendered,
    inputIds: c.input_ids,
    imagePositions: c.image_positions,
    settings: c.settings,
    pixels: {
      shape: c.pixel_values.shape,
      values: pixelValues(bytes, c.pixel_values),
      areNoise: c.pixel_values.type === "noise",
    },
    forced: answer(c.forced),
    greedy: answer(c.greedy),
  }));
}

function readArray(bytes: Buffer, { at, shape, type }: StoredArray): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  if (type === "uint8") return Float32Array.from(bytes.subarray(at, at + count));
  const start = bytes.byteOffset + at;
  return new Float32Array(bytes.buffer.slice(start, start + 4 * count));
}

function pixelValues(bytes: Buffer, stored: StoredPixels): Float32Array {
  const { at = 0, shape, type } = stored;
  if (type === "noise") return noise(shape.reduce((a, b) => a * b, 1));
  const values = readArray(bytes, { at, shape, type });
  if (type === "float32") return values;
  const { mean = [], std = [], run = 1, scale = 1 } = stored;
  return values.map((value, i) => {
    const channel = Math.floor(i / run) % mean.length;
    return (value * scale - (mean[channel] ?? NaN)) / (std[channel] ?? NaN);
  });
}

function noise(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (Math.imul(i, 2654435761) >>> 0) / 2 ** 31 - 1);
}
