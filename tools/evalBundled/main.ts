/**
 * Evaluates the bundled model with the product itself on held-out scenes:
 *
 *     npm run eval:bundled -- [--scenes 1000] [--dtype fp32|q4] [--json FILE]
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { createEngine } from "../../src/runtime/engine.js";
import { createRandom } from "../scenes/random.js";
import type { Question, Scene } from "../scenes/types.js";
import { Figures } from "./figures.js";
import { visitScenes } from "./heldOut.js";
import { addLocalisation } from "./localise.js";
import { formatFigures } from "./report.js";
import { bundledRequest } from "./request.js";

const MODEL = join(import.meta.dirname, "../../models/emoji-llava");
/** More than any answer needs: a description of three objects has about thirty tokens. */
const LONGEST_ANSWER = 48;
const never = new AbortController().signal;

const options = new Command()
  .option("--scenes <n>", "number of scenes", "1000")
  .option("--dtype <dtype>", "weight type of the decoder", "fp32")
  .option("--json <file>", "also write the figures here")
  .parse()
  .opts<{ scenes: string; dtype: string; json?: string }>();
const scenes = Number(options.scenes);
const figures = new Figures();
const engine = createEngine();
const { layers } = await engine.load(
  { modelDir: MODEL, device: "cpu", dtype: options.dtype },
  () => undefined,
);
const random = createRandom(1);
let done = 0;
await visitScenes(scenes, async (scene, picture) => {
  for (const question of scene.questions) await ask(scene, picture, question);
  done += 1;
  if (done % 100 === 0) process.stderr.write(`${done}/${scenes} scenes\n`);
});
await engine.dispose();
process.stdout.write(formatFigures(figures, scenes, layers));
if (options.json)
  writeFileSync(
    options.json,
    `${JSON.stringify({ scenes, dtype: options.dtype, ...figures.toJson() }, null, 1)}\n`,
  );

async function ask(scene: Scene, picture: string, question: Question): Promise<void> {
  const request = bundledRequest(picture, question.question, LONGEST_ANSWER);
  if (question.kind !== "describe") {
    const { text } = await engine.generate(request, () => undefined, never);
    figures.add(`accuracy.${question.kind}`, text.trim() === question.answer);
    return;
  }
  const run = await engine.explain(request, () => undefined, never);
  const said = run.info.tokens
    .filter((token) => !token.stop)
    .map((token) => token.text)
    .join("");
  const right = said.trim() === question.answer && run.info.generation.finish === "stop";
  figures.add("accuracy.describe", right);
  figures.add(`accuracy.describe${scene.objects.length}`, right);
  if (right) addLocalisation(figures, run, question.words, scene, () => random.next());
}
