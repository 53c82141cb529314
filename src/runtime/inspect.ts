import { resolve } from "node:path";
import { DexarError } from "../core/errors.js";
import type { InspectedAnswer, ModelInspection } from "../protocol/inspection.js";
import { familyOf, partsOfFamily } from "./families/index.js";
import type { Family, ModelConfigs } from "./families/family.js";
import { decoderPart, type ModelPart } from "./families/parts.js";
import { adviceFor } from "./inspection/adviceFor.js";
import { Findings } from "./inspection/findings.js";
import { decoderFacts, inspectDecoder, UNKNOWN_DECODER } from "./inspection/inspectDecoder.js";
import { checkWeights, inspectFiles } from "./inspection/inspectFiles.js";
import { inspectPicture, type PictureLayout } from "./inspection/inspectPicture.js";
import { inspectMemory } from "./memory/inspectMemory.js";
import { readMachineMemory } from "./memory/machineMemory.js";
import { fitProblems } from "./model/fitProblems.js";
import { folderProblems, missingFile, partProblems } from "./model/folderProblems.js";
import { readConfigs } from "./model/loadModel.js";
import { chooseParts, dtypesOf, partPath } from "./model/modelFiles.js";
import { deviceFacts } from "./session/deviceFacts.js";

/** Problems after which there is nothing to look into. */
const NO_FOLDER = ["model-not-found", "model-not-folder", "not-a-model-folder"];
/** Those that say already why there are no graphs. */
const NO_GRAPHS = [...NO_FOLDER, "model-not-exported", "model-layout"];

/**
 * Looks into a model folder without running anything: what is there, what it is, everything that stands in the way,
 * and how much memory an answer takes.
 */
export async function inspectModel(modelDir: string, answer: InspectedAnswer = {}): Promise<ModelInspection> {
  const dir = resolve(modelDir);
  const findings = new Findings();
  findings.attemptAll(() => folderProblems(dir));
  const isFolder = !findings.has(...NO_FOLDER);
  const configs = isFolder ? findings.attempt(() => readConfigs(dir)) : null;
  const family = configs && findings.attempt(() => familyOf(configs));
  const parts = partsOfFamily(configs);
  const { imagePath, ...size } = answer;
  const layout = configs && family && (await pictureLayout(family, configs, imagePath, findings));
  const decoders = inspectParts({ dir, parts, configs, family }, findings);
  const dtypes = decoders.map(({ dtype }) => dtype);
  const found = decoders.flatMap(({ decoder }) => decoder ?? [])[0];
  const memory = inspectMemory(dir, dtypes, configs, {
    ...(layout && { imageTokens: layout.picture.cells.length }),
    ...size,
  });
  const files = inspectFiles(dir, parts, findings);
  const { problems } = findings;
  const explainable = decoders
    .filter(({ decoder }) => decoder?.explainable === true)
    .map(({ dtype }) => dtype);
  return {
    ...{ dir, family: family?.name ?? null, files, dtypes },
    ...(found === undefined ? UNKNOWN_DECODER : decoderFacts(found)),
    geometry: layout?.words ?? null,
    ...(layout && { picture: layout.picture }),
    ...{ memory, problems, devices: deviceFacts().devices },
    advice: adviceFor({ dir, dtypes, problems, memory }, explainable, readMachineMemory()),
  };
}

async function pictureLayout(
  family: Family,
  configs: ModelConfigs,
  imagePath: string | undefined,
  findings: Findings,
): Promise<PictureLayout | null> {
  const found = await inspectPicture(family, configs, imagePath).catch((error: unknown) => {
    if (error instanceof DexarError) return error;
    throw error;
  });
  return findings.attempt(() => {
    if (found instanceof DexarError) throw found;
    return found;
  });
}

interface InspectedFolder {
  readonly dir: string;
  readonly parts: readonly ModelPart[];
  readonly configs: ModelConfigs | null;
  readonly family: Family | null;
}

/** Looks at the graphs: the decoder in each weight type, and whether the other parts belong to it. */
function inspectParts({ dir, parts, configs, family }: InspectedFolder, findings: Findings) {
  const told = findings.has(...NO_GRAPHS);
  for (const { file } of parts) {
    if (!told && dtypesOf(dir, file).length === 0)
      findings.attemptAll(() => [missingFile(dir, `onnx/${file}.onnx`)]);
  }
  const { file } = decoderPart(parts);
  return dtypesOf(dir, file).map((dtype) => {
    const path = partPath(dir, file, dtype);
    const chosen = findings.attempt(() => chooseParts(dir, parts, dtype));
    if (chosen !== null && !findings.attemptAll(() => partProblems(dir, chosen)))
      return { dtype, decoder: null };
    for (const part of chosen?.all ?? []) findings.attempt(() => checkWeights(part.path));
    const decoder = inspectDecoder(path, findings);
    if (decoder !== null && chosen !== null && configs !== null && family !== null) {
      findings.attemptAll(() =>
        fitProblems({ dir, family, configs, parts: chosen, decoder: decoder.structure }),
      );
    }
    return { dtype, decoder };
  });
}
