import type { PromptToken, Rectangle, Run, RunInfo, RunToken } from "../../src/core/run/types.js";
import { encodePng } from "../../src/runtime/image/encode.js";

/** What to vary in a made-up run. */
export interface SampleOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly width?: number;
  readonly height?: number;
  /** Part of the picture the model saw; all of it by default. */
  readonly seen?: Rectangle;
  readonly layers?: number;
  readonly heads?: number;
  /** The answer, token by token; words in `OBJECTS` look at their object, all others mostly at the text. */
  readonly answer?: readonly string[];
  readonly prompt?: string;
  readonly gradient?: boolean;
}

/** Where the objects of the sample picture are, as shares of the seen part: centre x, centre y, radius. */
const OBJECTS: Readonly<Record<string, readonly [x: number, y: number, radius: number]>> = {
  cat: [0.25, 0.6, 0.16],
  ball: [0.75, 0.32, 0.14],
  red: [0.75, 0.32, 0.18],
};
const ANSWER = ["a", " cat", " left", " of", " a", " red", " ball", "\n", " 猫", " on", " green", "</s>"];

/** A deterministic run with a drawn picture: a brown disc ("cat") and a red one ("ball") on green. */
export async function sampleRun(options: SampleOptions = {}): Promise<Run> {
  const { columns = 12, rows = 12, width = 96, height = 96, layers = 4, heads = 6 } = options;
  const seen = options.seen ?? [0, 0, width, height];
  const answer = options.answer ?? ANSWER;
  const cells = gridCells(columns, rows, seen);
  const prompt = samplePrompt(options.prompt ?? "Describe the picture.", cells.length);
  const promptLength = prompt.length;
  const imagePositions = Int32Array.from(cells, (_, index) => index + 1);
  const positions = promptLength + answer.length - 1;
  const random = noise(7);
  const gradient = new Float32Array(answer.length * layers * heads * positions);
  answer.forEach((text, token) => {
    for (let row = 0; row < layers * heads; row += 1) {
      const offset = (token * layers * heads + row) * positions;
      const limit = promptLength + token;
      const strength = 0.4 + 0.6 * random();
      const wording = random() < 0.3 ? 0.04 : 0.012;
      for (let position = 0; position < limit; position += 1) {
        const cell = cells[position - 1];
        const value = cell ? objectGradient(text, cell, seen) * strength : wording * random();
        gradient[offset + position] = value + 0.01 * (random() - 0.4);
      }
    }
  });
  const info = sampleInfo({ width, height, seen, layers, heads, cells, prompt, answer });
  return {
    info,
    image: await samplePicture(width, height, seen),
    arrays: {
      inputIds: Int32Array.from({ length: promptLength + answer.length }, (_, index) => index + 3),
      imagePositions,
      gradient: options.gradient === false ? null : gradient,
      gradientReferenceLast: null,
      lensLogit: Float32Array.from({ length: answer.length * layers }, () => 4 * random()),
    },
  };
}

function gridCells(columns: number, rows: number, [x, y, width, height]: Rectangle): Rectangle[] {
  return Array.from({ length: columns * rows }, (_, index) => [
    x + ((index % columns) * width) / columns,
    y + (Math.floor(index / columns) * height) / rows,
    width / columns,
    height / rows,
  ]);
}

function samplePrompt(text: string, imageTokens: number): PromptToken[] {
  const words = text.split(/(?= )/).map((word) => ({ text: word, kind: "text" as const }));
  const image = Array.from({ length: imageTokens }, () => ({ text: "<image>", kind: "image" as const }));
  return [{ text: "<s>", kind: "special" }, ...image, ...words, { text: "\n", kind: "special" }];
}

function objectGradient(token: string, [x, y, width, height]: Rectangle, seen: Rectangle): number {
  const object = OBJECTS[token.trim()] ?? (token === "</s>" ? OBJECTS["cat"] : undefined);
  if (!object) return 0;
  const dx = (x + width / 2 - seen[0]) / seen[2] - object[0];
  const dy = (y + height / 2 - seen[1]) / seen[3] - object[1];
  return 0.09 * Math.exp(-(dx * dx + dy * dy) / (object[2] * object[2]));
}

interface InfoParts {
  readonly width: number;
  readonly height: number;
  readonly seen: Rectangle;
  readonly layers: number;
  readonly heads: number;
  readonly cells: readonly Rectangle[];
  readonly prompt: readonly PromptToken[];
  readonly answer: readonly string[];
}

function sampleInfo(parts: InfoParts): RunInfo {
  const question = parts.prompt
    .filter((token) => token.kind === "text")
    .map((token) => token.text)
    .join("");
  return {
    format: "dexar-run",
    version: 1,
    id: "sample",
    tool: "dexar 0.1.0",
    time: "2026-11-23T08:00:00.000Z",
    model: {
      name: "sample-vlm",
      family: "llava",
      files: [],
      dtype: "fp32",
      device: "cpu",
      layers: parts.layers,
      heads: parts.heads,
    },
    prompt: { text: question, rendered: `<s><image>${question}\n`, tokens: parts.prompt },
    generation: { mode: "generated", maxNewTokens: 32, temperature: 0, topK: 0, seed: null, finish: "stop" },
    image: {
      name: "sample.png",
      entry: "image.png",
      width: parts.width,
      height: parts.height,
      sha256: "0".repeat(64),
      seen: parts.seen,
    },
    tokens: parts.answer.map(sampleToken),
    cells: parts.cells,
    settings: {
      preset: "paper",
      layers: [0, parts.layers],
      textSet: "all",
      score: { kind: "max" },
      overrides: [],
      includeStop: false,
    },
    timings: { generate: 120, explain: 14 },
    warnings: [],
    partial: false,
  };
}

function sampleToken(text: string, index: number): RunToken {
  const logprob = Math.log(0.99 - 0.06 * (index % 9));
  return {
    id: 100 + index,
    text,
    kind: "generated",
    logprob,
    alternatives: [
      { id: 100 + index, text, logprob },
      { id: 7, text: " dog", logprob: -3.2 },
      { id: 8, text: " the", logprob: -4.6 },
    ],
    stop: text === "</s>",
  };
}

function samplePicture(width: number, height: number, seen: Rectangle): Promise<Uint8Array> {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1)
      data.set(pixelColour((x - seen[0]) / seen[2], (y - seen[1]) / seen[3]), 3 * (y * width + x));
  }
  return encodePng({ data, width, height, channels: 3 });
}

function pixelColour(x: number, y: number): readonly [number, number, number] {
  const inside = (name: string) => {
    const [cx, cy, radius] = OBJECTS[name] ?? [0, 0, 0];
    return Math.hypot(x - cx, y - cy) < radius;
  };
  if (inside("cat")) return [142, 96, 60];
  if (inside("ball")) return [206, 48, 52];
  const shade = Math.round(20 * y);
  return [128 - shade, 184 - shade, 120 - shade];
}

/** A small generator of numbers in [0, 1), the same on every machine. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
