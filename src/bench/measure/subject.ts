import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { encodePng } from "../../runtime/image/encode.js";
import { PATCH } from "../model/imageGraphs.js";
import { gridOf, promptOfWords } from "../model/modelJson.js";
import { randomValues } from "../model/randomWeights.js";
import type { BenchDtype, BenchShape } from "../model/shapes.js";

/** Text positions of every measured prompt; the rest are image tokens. */
export const TEXT_TOKENS = 64;

/** A built model and what is asked of it. */
export interface Subject {
  readonly shape: BenchShape;
  readonly dtype: BenchDtype;
  readonly modelDir: string;
  readonly imageTokens: number;
  /** Length of the answer. */
  readonly tokens: number;
  /** Folder for pictures and run files. */
  readonly scratch: string;
}

/** Writes a picture of noise that fills the model's grid; `variant` makes it another one. */
export async function writePicture({ imageTokens, scratch }: Subject, variant = 0): Promise<string> {
  const { rows, cols } = gridOf(imageTokens);
  const [width, height] = [cols * PATCH, rows * PATCH];
  const noise = randomValues(variant, "picture", 128);
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => 128 + noise.at(i));
  const file = path.join(scratch, `picture-${variant}-${imageTokens}.png`);
  await writeFile(file, await encodePng({ data, width, height, channels: 3 }));
  return file;
}

/** A greedy request for an answer of the subject's length. */
export function requestFor(subject: Subject, imagePath: string): ExplainRequest {
  return {
    imagePath,
    prompt: promptOfWords(subject.shape, TEXT_TOKENS),
    rawPrompt: false,
    target: null,
    maxNewTokens: subject.tokens,
    temperature: 0,
    topK: 0,
    seed: null,
    resize: "pil",
    pixelValuesPath: null,
    captureEvery: 16,
    settings: {},
  };
}
