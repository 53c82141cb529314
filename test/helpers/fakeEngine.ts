import { readFile, writeFile } from "node:fs/promises";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { DexarError } from "../../src/core/errors.js";
import { generationExtras } from "../../src/core/run/generationExtras.js";
import { runDigest } from "../../src/core/run/runDigest.js";
import type { Run } from "../../src/core/run/types.js";
import type { ExplainRequest, GenerateRequest, LoadedModel } from "../../src/protocol/modelProcess.js";
import type { EmitEvent, Engine } from "../../src/runtime/engineTypes.js";
import { viewPicture } from "../../src/runtime/image/viewPicture.js";
import { renderFigure } from "../../src/runtime/picture/renderFigure.js";
import { saveRun } from "../../src/runtime/files/saveRun.js";
import { sampleRun } from "./sampleRun.js";

const ANSWER = ["a", " cat", " left", " of", " a", " red", " ball", "</s>"];

/**
 * An engine without a model. The prompt steers it: `crash` ends the process after the second token,
 * `fail` throws an ordinary error, `slow` never ends by itself, `stubborn` cancels before the first token.
 */
export function createFakeEngine(): Engine {
  let loaded = false;
  return {
    load: async (request, emit) => {
      emit({ kind: "stage", stage: "loading", detail: request.modelDir });
      if (request.dtype === "fp8") throw new DexarError("dtype-missing", "No fp8 weights.", "Choose fp32.");
      if (request.dtype === "slow") await new Promise((resolve) => setTimeout(resolve, 600_000).unref());
      loaded = true;
      return { ...LOADED, dtype: request.dtype ?? "fp32" };
    },
    explain: async (request, emit, signal) => {
      const tokens = await answer(request, emit, signal, loaded);
      return fakeRun(request, tokens, signal.aborted);
    },
    explainToFile: async (request, emit, signal) => {
      const tokens = await answer(request, emit, signal, loaded);
      const run = await fakeRun(request, tokens, signal.aborted);
      const { runPath, picturePath, digestPath } = request.files;
      await writeFile(picturePath, run.image);
      const attribution = attribute(attributionInput(run), run.info.settings);
      const picture = { type: "image/png" as const, bytes: run.image };
      await writeFile(digestPath, runDigest(run, attribution, picture));
      return { ...(await saveRun(run, runPath, attribution)), picturePath, digestPath };
    },
    explainAlternative: async ({ index }) => {
      throw new DexarError("bad-alternative", `No token ${index}.`, "Choose another.");
    },
    generate: async (request, emit, signal) => {
      const tokens = await answer(request, emit, signal, loaded);
      const finish = signal.aborted ? "cancelled" : "stop";
      return {
        ids: tokens.map((_, index) => 100 + index),
        text: tokens.join(""),
        finish,
        timings: { total: 1 },
      };
    },
    renderFigure,
    viewPicture: ({ bytes }) => viewPicture(bytes),
    dispose: async () => {
      process.stderr.write("fake engine disposed\n");
    },
  };
}

const LOADED: LoadedModel = {
  name: "fake",
  family: "llava",
  dtype: "fp32",
  device: "cpu",
  layers: 4,
  heads: 6,
  kvHeads: 6,
  maxPositions: 256,
};

async function answer(
  request: GenerateRequest,
  emit: EmitEvent,
  signal: AbortSignal,
  loaded: boolean,
): Promise<string[]> {
  if (!loaded) throw new DexarError("no-model", "No model is loaded.", "Load one first.");
  if (request.imagePath !== "") await checkImage(request.imagePath);
  if (request.prompt === "fail") throw new TypeError("something is undefined");
  emit({ kind: "stage", stage: "generating", detail: "" });
  const tokens: string[] = [];
  for (let index = 0; index < ANSWER.length || request.prompt === "slow"; index++) {
    if (signal.aborted) break;
    if (request.prompt === "crash" && index === 2) {
      process.stderr.write("terminate called: out of luck\n");
      process.exit(7);
    }
    const text = ANSWER[index % ANSWER.length] ?? "";
    tokens.push(text);
    emit({ kind: "token", index, id: 100 + index, text, logprob: -0.1, alternatives: [] });
    // Endless tokens at full speed would bury the one who reads them.
    await (request.prompt === "slow" ? pause(2) : nextTurn());
  }
  if (tokens.length === 0)
    throw new DexarError("cancelled", "Cancelled before a token was finished.", "Run it again.");
  return tokens;
}

/** Stands for the picture decoder: a file that does not start as a PNG is not an image. */
async function checkImage(imagePath: string): Promise<void> {
  const bytes = await readFile(imagePath);
  if (bytes.subarray(1, 4).toString("latin1") === "PNG") return;
  throw new DexarError("not-an-image", `This is not an image: ${imagePath}`, "Give a PNG or JPEG file.");
}

async function fakeRun(request: ExplainRequest, tokens: readonly string[], cancelled: boolean): Promise<Run> {
  const { temperature, topK, seed, maxNewTokens, continueFrom } = request;
  const run = await sampleRun({ answer: tokens.slice(0, 40), columns: 4, rows: 4, prompt: request.prompt });
  const generation = {
    ...run.info.generation,
    ...{ temperature, topK, seed, maxNewTokens },
    ...generationExtras(request),
    ...(continueFrom !== undefined && { continued: { run: continueFrom, tokens: 0 } }),
    finish: cancelled ? ("cancelled" as const) : ("stop" as const),
  };
  return { ...run, info: { ...run.info, generation, partial: cancelled } };
}
