import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DexarError } from "../core/errors.js";
import type { InspectedAnswer, InspectedFile, ModelInspection, ModelProblem } from "./engineTypes.js";
import { collectExternalFiles, readModel } from "../core/onnx/index.js";
import { openModelFolder, paperFolder } from "./modelFolder.js";
import { familyOf } from "./families/index.js";
import type { ImageLayout } from "./families/llava/geometry.js";
import { inspectMemory } from "./memory/inspectMemory.js";
import { readConfigs } from "./model/loadModel.js";
import { readExplainableDecoder } from "./model/explainableDecoder.js";
import { checkModelFolder, CONFIG_FILES, dtypesOf, MODEL_PARTS, partPath } from "./model/modelFiles.js";

/**
 * Looks into a model folder without running anything: what is there, what it is, what stands in the way, and how
 * much memory an answer takes.
 */
export function inspectModel(modelDir: string, answer: InspectedAnswer = {}): Promise<ModelInspection> {
  const dir = resolve(modelDir);
  const findings = new Findings();
  findings.attempt(() => {
    checkModelFolder(dir);
  });
  const configs = findings.attempt(() => readConfigs(dir));
  const family = configs && findings.attempt(() => familyOf(configs));
  const dtypes = dtypesOf(dir, "decoder_model_merged");
  const decoders = dtypes.map((dtype) => findings.attempt(() => decoderFacts(dir, dtype)));
  const weights = dtypes.map((dtype) => findings.attempt(() => weightFiles(dir, dtype)));
  for (const part of MODEL_PARTS) {
    if (dtypesOf(dir, part).length === 0) findings.attempt(() => missingPart(dir, part));
  }
  const layout = configs && family && findings.attempt(() => family.layout(EXAMPLE, configs, "python"));
  return Promise.resolve({
    dir,
    family: family?.name ?? null,
    dtypes,
    ...(decoders.find((decoder) => decoder !== null) ?? UNKNOWN),
    files: [...listFiles(dir), ...weights.flatMap((files) => files ?? [])],
    geometry: layout && describeGeometry(layout),
    memory: inspectMemory(dir, dtypes, configs, {
      ...(layout && { imageTokens: layout.rows * layout.cols }),
      ...answer,
    }),
    problems: findings.problems,
  });
}

/** Collects what goes wrong instead of stopping at the first. */
class Findings {
  readonly problems: ModelProblem[] = [];

  /** Runs a check; a failure becomes a problem of the report and gives null. */
  attempt<T>(check: () => T): T | null {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof DexarError)) throw error;
      const { code, message, nextStep } = error;
      if (!this.problems.some((known) => known.message === message)) {
        this.problems.push({ code, message, nextStep });
      }
      return null;
    }
  }
}

type DecoderFacts = Pick<
  ModelInspection,
  "graphStyle" | "layers" | "heads" | "kvHeads" | "headSize" | "vocabulary"
>;

const UNKNOWN: DecoderFacts = {
  graphStyle: null,
  layers: null,
  heads: null,
  kvHeads: null,
  headSize: null,
  vocabulary: null,
};

/** What a decoder is, as its graph says: its weights may be missing. */
function decoderFacts(dir: string, dtype: string): DecoderFacts {
  const path = partPath(dir, "decoder_model_merged", dtype);
  const { structure } = readExplainableDecoder(path, paperFolder(dirname(path)));
  const attention = structure.layers[0]?.attention;
  return {
    graphStyle: structure.style,
    layers: structure.layers.length,
    heads: attention?.heads ?? null,
    kvHeads: attention?.kvHeads ?? null,
    headSize: attention?.headSize ?? null,
    vocabulary: structure.head.vocabulary,
  };
}

/** The files beside a decoder that hold its weights. */
function weightFiles(dir: string, dtype: string): InspectedFile[] {
  const path = partPath(dir, "decoder_model_merged", dtype);
  const folder = openModelFolder(dirname(path));
  return collectExternalFiles(readModel(folder, basename(path)))
    .filter((name) => name !== basename(path))
    .map((name) => ({ name: `onnx/${name}`, present: true, bytes: folder.open(name)?.size ?? 0 }));
}

function missingPart(dir: string, part: string): never {
  throw new DexarError(
    "model-file-missing",
    `The model folder "${dir}" has no onnx/${part}.onnx in any weight type.`,
    "Download the whole model in transformers.js layout.",
  );
}

/** Needed files, found or missing, then every weight file that is there. */
function listFiles(dir: string): InspectedFile[] {
  const graphs = MODEL_PARTS.flatMap((part) => {
    const found = dtypesOf(dir, part);
    return (found.length > 0 ? found : ["fp32"]).map((dtype) => partPath(dir, part, dtype));
  });
  return [...CONFIG_FILES.map((name) => join(dir, name)), ...graphs].map((path) => {
    const present = existsSync(path);
    return { name: path.slice(dir.length + 1), present, bytes: present ? statSync(path).size : 0 };
  });
}

const EXAMPLE = { width: 640, height: 480 };

/** The image tokens of an example picture, in words. */
function describeGeometry({ rows, cols, seen }: ImageLayout): string {
  const [x, y, width, height] = seen.map(Math.round) as [number, number, number, number];
  const whole = width === EXAMPLE.width && height === EXAMPLE.height;
  const part = whole ? "all of it" : `${width} x ${height} pixels from (${x}, ${y})`;
  return `${cols} x ${rows} = ${rows * cols} tokens; of a ${EXAMPLE.width} x ${EXAMPLE.height} picture the model sees ${part}`;
}
