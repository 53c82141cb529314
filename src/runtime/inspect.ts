import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DexarError } from "../core/errors.js";
import type { InspectedFile, ModelInspection, ModelProblem } from "./engineTypes.js";
import { collectExternalFiles, readModel } from "../core/onnx/index.js";
import { openModelFolder } from "./modelFolder.js";
import { familyOf } from "./families/index.js";
import type { Family, ModelConfigs } from "./families/family.js";
import { readExplainableDecoder } from "./model/explainableDecoder.js";
import {
  checkModelFolder,
  CONFIG_FILES,
  dtypesOf,
  MODEL_PARTS,
  partPath,
  readModelJson,
} from "./model/modelFiles.js";

/** Looks into a model folder without running anything: what is there, what it is, and what stands in the way. */
export function inspectModel(modelDir: string): Promise<ModelInspection> {
  const dir = resolve(modelDir);
  const problems: ModelProblem[] = [];
  /** Runs a check; a failure becomes a problem of the report. */
  const attempt = <T>(check: () => T): T | null => {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof DexarError)) throw error;
      const { code, message, nextStep } = error;
      if (!problems.some((p) => p.message === message)) problems.push({ code, message, nextStep });
      return null;
    }
  };
  attempt(() => checkModelFolder(dir));
  const configs = attempt(() => readConfigs(dir));
  const family = configs && attempt(() => familyOf(configs));
  const dtypes = dtypesOf(dir, "decoder_model_merged");
  const [decoder] = dtypes.map((dtype) =>
    attempt(() => readExplainableDecoder(partPath(dir, "decoder_model_merged", dtype))),
  );
  const structure = decoder?.structure ?? null;
  const attention = structure?.layers[0]?.attention ?? null;
  for (const part of MODEL_PARTS) if (dtypesOf(dir, part).length === 0) attempt(() => missingPart(dir, part));
  return Promise.resolve({
    dir,
    family: family?.name ?? null,
    files: [...listFiles(dir), ...dtypes.flatMap((dtype) => attempt(() => externalFiles(dir, dtype)) ?? [])],
    dtypes,
    graphStyle: structure?.style ?? null,
    layers: structure?.layers.length ?? null,
    heads: attention?.heads ?? null,
    kvHeads: attention?.kvHeads ?? null,
    headSize: attention?.headSize ?? null,
    vocabulary: structure?.head.vocabulary ?? null,
    geometry: family && configs ? attempt(() => describeGeometry(family, configs)) : null,
    problems,
  });
}

function readConfigs(dir: string): ModelConfigs {
  return {
    config: readModelJson(dir, "config.json"),
    image: readModelJson(dir, "preprocessor_config.json"),
    processor: readModelJson(dir, "processor_config.json", true),
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

/** Files beside a decoder that hold its weights. */
function externalFiles(dir: string, dtype: string): InspectedFile[] {
  const path = partPath(dir, "decoder_model_merged", dtype);
  const folder = openModelFolder(dirname(path));
  return collectExternalFiles(readModel(folder, basename(path)))
    .filter((name) => name !== basename(path))
    .map((name) => ({ name: `onnx/${name}`, present: true, bytes: folder.open(name)?.size ?? 0 }));
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
