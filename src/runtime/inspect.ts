import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DexarError } from "../core/errors.js";
import type { InspectedFile, ModelInspection, ModelProblem } from "./engineTypes.js";
import { collectExternalFiles, readModel } from "../core/onnx/index.js";
import { openModelFolder } from "./modelFolder.js";
import { familyOf } from "./families/index.js";
import type { Family, ModelConfigs } from "./families/family.js";
import { readConfigs } from "./model/loadModel.js";
import { readExplainableDecoder } from "./model/explainableDecoder.js";
import { checkModelFolder, CONFIG_FILES, dtypesOf, MODEL_PARTS, partPath } from "./model/modelFiles.js";

/** Looks into a model folder without running anything: what is there, what it is, and what stands in the way. */
export function inspectModel(modelDir: string): Promise<ModelInspection> {
  const dir = resolve(modelDir);
  const findings = new Findings();
  findings.attempt(() => {
    checkModelFolder(dir);
  });
  const configs = findings.attempt(() => readConfigs(dir));
  const family = configs && findings.attempt(() => familyOf(configs));
  const dtypes = dtypesOf(dir, "decoder_model_merged");
  const decoders = dtypes.map((dtype) => findings.attempt(() => inspectDecoder(dir, dtype)));
  for (const part of MODEL_PARTS) {
    if (dtypesOf(dir, part).length === 0) findings.attempt(() => missingPart(dir, part));
  }
  const geometry = configs && family && findings.attempt(() => describeGeometry(family, configs));
  return Promise.resolve({
    dir,
    family: family?.name ?? null,
    dtypes,
    ...(decoders.find((decoder) => decoder !== null)?.facts ?? UNKNOWN),
    files: [...listFiles(dir), ...decoders.flatMap((decoder) => decoder?.files ?? [])],
    geometry,
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

/** What a decoder is, and the files beside it that hold its weights. */
function inspectDecoder(dir: string, dtype: string): { facts: DecoderFacts; files: InspectedFile[] } {
  const path = partPath(dir, "decoder_model_merged", dtype);
  const { structure } = readExplainableDecoder(path);
  const attention = structure.layers[0]?.attention;
  const folder = openModelFolder(dirname(path));
  const beside = collectExternalFiles(readModel(folder, basename(path))).filter(
    (name) => name !== basename(path),
  );
  return {
    facts: {
      graphStyle: structure.style,
      layers: structure.layers.length,
      heads: attention?.heads ?? null,
      kvHeads: attention?.kvHeads ?? null,
      headSize: attention?.headSize ?? null,
      vocabulary: structure.head.vocabulary,
    },
    files: beside.map((name) => ({
      name: `onnx/${name}`,
      present: true,
      bytes: folder.open(name)?.size ?? 0,
    })),
  };
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
function describeGeometry(family: Family, configs: ModelConfigs): string {
  const { rows, cols, seen } = family.layout(EXAMPLE, configs, "python");
  const [x, y, width, height] = seen.map(Math.round) as [number, number, number, number];
  const whole = width === EXAMPLE.width && height === EXAMPLE.height;
  const part = whole ? "all of it" : `${width} x ${height} pixels from (${x}, ${y})`;
  return `${cols} x ${rows} = ${rows * cols} tokens; of a ${EXAMPLE.width} x ${EXAMPLE.height} picture the model sees ${part}`;
}
