import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { AttributionSettings, Run, RunFileHash, RunInfo, RunToken } from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { MODEL_PARTS, partPath } from "../model/modelFiles.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { TOOL } from "../version.js";
import type { Answer } from "./answer.js";
import { captureShape, joinBatches, type CapturedBatch } from "./capture.js";
import type { PreparedPrompt } from "./prompt.js";

/** Everything a run is made of. */
export interface FinishedAnswer {
  readonly vlm: LoadedVlm;
  readonly request: ExplainRequest;
  readonly prompt: PreparedPrompt;
  readonly answer: Answer;
  readonly tokens: readonly RunToken[];
  readonly batches: readonly CapturedBatch[];
  readonly settings: AttributionSettings;
  /** Milliseconds by stage. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Puts a finished answer together as a run. */
export async function buildRun(finished: FinishedAnswer): Promise<Run> {
  const { prompt, tokens, batches, vlm } = finished;
  const { layers, heads } = captureShape(vlm);
  const positions = prompt.ids.length + tokens.length - 1;
  return {
    info: await runInfo(finished),
    image: prompt.picture.bytes,
    arrays: {
      inputIds: Int32Array.from([...prompt.ids, ...tokens.map((token) => token.id)]),
      imagePositions: Int32Array.from(prompt.imagePositions),
      gradient: joinBatches(batches, "gradient", layers * heads, positions),
      gradientReferenceLast: joinBatches(batches, "referenceLast", heads, positions),
      lensLogit: Float32Array.from(batches.flatMap((batch) => [...batch.lens])),
    },
  };
}

async function runInfo({
  vlm,
  request,
  prompt,
  answer,
  tokens,
  settings,
  timings,
}: FinishedAnswer): Promise<RunInfo> {
  const { picture, layout } = prompt;
  return {
    format: "dexar-run",
    version: 1,
    id: randomUUID(),
    tool: TOOL,
    time: new Date().toISOString(),
    model: await describeModel(vlm),
    prompt: { text: request.prompt, rendered: prompt.rendered, tokens: prompt.tokens },
    generation: {
      mode: request.target ? "forced" : "generated",
      maxNewTokens: request.maxNewTokens,
      temperature: request.temperature,
      topK: request.topK,
      seed: request.seed,
      finish: answer.finish,
    },
    image: {
      name: basename(request.imagePath),
      entry: `image.${picture.format}`,
      width: picture.width,
      height: picture.height,
      sha256: picture.sha256,
      seen: layout.seen,
    },
    tokens,
    cells: layout.cells,
    settings,
    timings,
    warnings: prompt.warnings,
    partial: answer.finish === "cancelled",
  };
}

async function describeModel(vlm: LoadedVlm): Promise<RunInfo["model"]> {
  const { layers, heads } = captureShape(vlm);
  return {
    name: vlm.name,
    family: vlm.family.name,
    files: await hashFiles(vlm),
    dtype: vlm.dtypes.decoder_model_merged,
    device: "cpu",
    layers,
    heads,
  };
}

const hashes = new WeakMap<LoadedVlm, Promise<RunFileHash[]>>();

/** Hashes of the model's files, taken once per loaded model. */
function hashFiles(vlm: LoadedVlm): Promise<RunFileHash[]> {
  const known = hashes.get(vlm);
  if (known) return known;
  const paths = MODEL_PARTS.map((part) => partPath(vlm.dir, part, vlm.dtypes[part]));
  const made = Promise.all(paths.map(hashFile));
  hashes.set(vlm, made);
  return made;
}

async function hashFile(path: string): Promise<RunFileHash> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { name: basename(path), bytes: (await stat(path)).size, sha256: hash.digest("hex") };
}
