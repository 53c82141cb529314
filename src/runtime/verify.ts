import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finalLogit } from "../core/graph/finalLogit.js";
import { roundsActivations } from "../core/graph/roundsActivations.js";
import type { DeviceWish, ExplainRequest } from "../protocol/modelProcess.js";
import { runAnswer, type AnswerListener } from "./answer/answer.js";
import { Capture, captureShape } from "./answer/capture.js";
import { preparePrompt } from "./answer/prompt.js";
import { hasTemplate } from "./answer/chatTemplate.js";
import type { ModelVerification, VerifyCheck } from "./engineTypes.js";
import { encodePng } from "./image/encode.js";
import { loadModel, type LoadedVlm } from "./model/loadModel.js";
import { placeSessions } from "./session/placement.js";
import { TOLERANCE } from "./session/selfCheck.js";

const TOKENS = 8;
/** Relative to the largest logit: float32 through the decoder and once more through the gradient model. */
const LENS_TOLERANCE = { exact: 1e-4, rounded: 2e-2 };
const never = new AbortController().signal;

/**
 * Runs a model on a made picture: capture must not change the answer, and the last layer's lens must give back the
 * decoder's own logits (which holds only if residual stream, final norm and head were found right).
 */
export async function verifyModel(
  modelDir: string,
  wish: DeviceWish = { device: "cpu" },
): Promise<ModelVerification> {
  const vlm = await loadModel(modelDir, null, { placement: await placeSessions(wish) });
  const folder = await mkdtemp(join(tmpdir(), "dexar-verify-"));
  try {
    const imagePath = join(folder, "picture.png");
    await writeFile(imagePath, await encodePng(colourRamp(96, 72)));
    const request = verifyRequest(vlm, imagePath);
    const plain = await plainIds(vlm, request);
    const captured = await capturedAnswer(vlm, request);
    return {
      dir: vlm.dir,
      checks: [
        ...deviceAgrees(vlm),
        sameIds(plain, captured.ids),
        lensIsLogit(vlm, captured),
        gradientsFinite(captured),
      ],
    };
  } finally {
    await vlm.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

interface CapturedAnswer {
  readonly ids: readonly number[];
  /** The decoder's logit of each chosen token, [T]. */
  readonly logits: readonly number[];
  /** The last layer's lens logit of each, [T]. */
  readonly lens: readonly number[];
  readonly gradients: readonly Float32Array[];
}

function verifyRequest(vlm: LoadedVlm, imagePath: string): ExplainRequest {
  const question = "What is shown in the picture?";
  const rawPrompt = !hasTemplate(vlm);
  return {
    imagePath,
    prompt: rawPrompt ? `${vlm.placeholder}\n${question}` : question,
    rawPrompt,
    target: null,
    maxNewTokens: TOKENS,
    temperature: 0,
    topK: 0,
    seed: null,
    resize: "pil",
    pixelValuesPath: null,
    captureEvery: 3,
    settings: {},
  };
}

async function plainIds(vlm: LoadedVlm, request: ExplainRequest): Promise<readonly number[]> {
  const listener: AnswerListener = {
    beforeStep: () => Promise.resolve(),
    onStep: () => undefined,
    onToken: () => undefined,
  };
  const [model, prompt] = [await vlm.plain(), await preparePrompt(vlm, request)];
  return (await runAnswer({ vlm, model, prompt, request, listener, signal: never })).ids;
}

async function capturedAnswer(vlm: LoadedVlm, request: ExplainRequest): Promise<CapturedAnswer> {
  const [model, prompt] = [await vlm.tapped(), await preparePrompt(vlm, request)];
  const shape = { promptLength: prompt.ids.length, ...captureShape(vlm) };
  const capture = new Capture(model.gradient, shape, request.captureEvery);
  const logits: number[] = [];
  const listener: AnswerListener = {
    beforeStep: () => capture.explain(),
    onStep: (step, rows) => {
      capture.addStep(step, rows);
    },
    onToken: (id, row) => {
      capture.addTarget(id);
      logits.push(row[id] ?? NaN);
    },
  };
  const { ids } = await runAnswer({ vlm, model, prompt, request, listener, signal: never });
  await capture.explain(true);
  const lens = capture.batches.flatMap((batch) => lastOfEach(batch.lens, shape.layers));
  return { ids, logits, lens, gradients: capture.batches.map((batch) => batch.gradient) };
}

function lastOfEach(values: Float32Array, size: number): number[] {
  return Array.from(values).filter((_, i) => i % size === size - 1);
}

/** Nothing to say of the CPU itself. */
function deviceAgrees({ device, placement }: LoadedVlm): VerifyCheck[] {
  const told = placement.notices.map((detail) => ({ name: "another device is used", passed: true, detail }));
  if (device.difference === null) return told;
  const detail = `${device.name}: largest relative difference ${device.difference.toExponential(1)} (limit ${TOLERANCE})`;
  return [
    ...told,
    { name: "the device agrees with the CPU", passed: device.difference <= TOLERANCE, detail },
  ];
}

function sameIds(plain: readonly number[], captured: readonly number[]): VerifyCheck {
  const passed = plain.length === captured.length && plain.every((id, i) => id === captured[i]);
  return {
    name: "capture leaves the answer unchanged",
    passed,
    detail: `${captured.length} tokens generated with and without capture`,
  };
}

function lensIsLogit(vlm: LoadedVlm, { logits, lens }: CapturedAnswer): VerifyCheck {
  const scale = Math.max(1, ...logits.map(Math.abs));
  const final = finalLogit(vlm.decoder.structure);
  const worst = Math.max(...logits.map((logit, i) => Math.abs(logit - final(lens[i] ?? NaN)))) / scale;
  const limit = roundsActivations(vlm.decoder.structure) ? LENS_TOLERANCE.rounded : LENS_TOLERANCE.exact;
  return {
    name: "the last layer's lens is the model's own logit",
    passed: worst <= limit,
    detail: `largest relative difference ${worst.toExponential(1)} (limit ${limit})`,
  };
}

function gradientsFinite({ gradients }: CapturedAnswer): VerifyCheck {
  const values = gradients.flatMap((gradient) => Array.from(gradient));
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const passed = values.every(Number.isFinite) && largest > 0;
  return {
    name: "attention gradients are finite and not all zero",
    passed,
    detail: `${values.length} values, largest ${largest.toPrecision(3)}`,
  };
}

/** A picture with every colour in some corner, so that any model sees something. */
function colourRamp(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set(
        [(255 * x) / width, (255 * y) / height, 255 - (255 * (x + y)) / (width + height)],
        (y * width + x) * 3,
      );
    }
  }
  return { data, width, height, channels: 3 } as const;
}
