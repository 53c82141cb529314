import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { readRun } from "../../../src/core/run/readRun.js";
import { runDigest } from "../../../src/core/run/runDigest.js";
import { digestPicture } from "../../../src/runtime/image/viewPicture.js";
import { renderAnswer } from "../../../src/runtime/picture/renderStrip.js";
import { createEngine } from "../../../src/runtime/engine.js";
import { BAR_SHAPE, syntheticRun } from "../../../tools/benchPanel/syntheticRun.js";
import { bundledRequest } from "../../../tools/evalBundled/request.js";

const ROOT = path.join(import.meta.dirname, "../../..");
const QUESTIONS = ["describe the picture.", "what do you see?"];
const MOST_TOKENS = 64;

/** Digests of real runs of the bundled model: each example with each question. */
export async function bundledDigests(): Promise<readonly string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "dexar-bench-"));
  const engine = createEngine();
  const load = { modelDir: path.join(ROOT, "models/emoji-llava"), device: "cpu", dtype: "fp32" } as const;
  await engine.load(load, () => undefined);
  const digests: string[] = [];
  const pictures = readdirSync(path.join(ROOT, "examples")).filter((name) => name.endsWith(".png"));
  for (const picture of pictures) {
    for (const question of QUESTIONS) {
      const request = bundledRequest(path.join(ROOT, "examples", picture), question, MOST_TOKENS);
      const file = (name: string): string => path.join(folder, name);
      const files = { runPath: file("a.dexar"), picturePath: file("a.png"), digestPath: file("a.json") };
      await engine.explainToFile(
        { ...request, files: { ...files, withFigure: true } },
        () => undefined,
        new AbortController().signal,
      );
      digests.push(readFileSync(files.digestPath, "utf8"));
    }
  }
  await engine.dispose();
  rmSync(folder, { recursive: true, force: true });
  return digests;
}

/** The digest of one made-up run of 64 tokens, 30 layers, 9 heads and 1,000 image tokens. */
export async function largeDigests(): Promise<readonly string[]> {
  const { file, picture } = await syntheticRun(BAR_SHAPE, 1);
  const { run } = await readRun(file);
  const attribution = attribute(attributionInput(run), run.info.settings);
  const small = await digestPicture(picture, null);
  const figure = await renderAnswer(run, attribution);
  return [runDigest(run, attribution, { ...small, figure })];
}
