/**
 * Measures what explaining costs on the bundled model, in one process and interleaved:
 *
 *     npm run eval:speed -- [--rounds 5] [--tokens 20]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { createEngine } from "../../src/runtime/engine.js";
import { bundledRequest } from "./request.js";

const ROOT = join(import.meta.dirname, "../..");
const PICTURE = join(ROOT, "examples/burger-and-ghost-and-butterfly.png");
/** Rounds before measuring, so that JavaScript is compiled on all paths. */
const WARM_UP = 5;
const never = new AbortController().signal;

const options = new Command()
  .option("--rounds <n>", "how often each is measured", "5")
  .option("--tokens <n>", "length of the answer", "20")
  .parse()
  .opts<{ rounds: string; tokens: string }>();

const request = bundledRequest(PICTURE, "what do you see?", Number(options.tokens));

const engine = createEngine();
await engine.load(
  { modelDir: join(ROOT, "models/emoji-llava"), device: "cpu", dtype: "fp32" },
  () => undefined,
);
const generate = () => engine.generate(request, () => undefined, never);
const explain = (captureEvery: number) =>
  engine.explain({ ...request, captureEvery }, () => undefined, never);
const { ids } = await generate();
for (let round = 0; round < WARM_UP; round++) {
  await generate();
  await explain(32);
  await explain(1);
}
const times = { generate: [] as number[], explain: [] as number[], live: [] as number[] };
for (let round = 0; round < Number(options.rounds); round++) {
  times.generate.push(await milliseconds(generate));
  times.explain.push(await milliseconds(() => explain(32)));
  times.live.push(await milliseconds(() => explain(1)));
}
await engine.dispose();

const plain = median(times.generate);
process.stdout.write(
  [
    `${cpus().length} x ${cpus()[0]?.model ?? "CPU"}, Node ${process.version}, medians of ${options.rounds} after ${WARM_UP} warm-up rounds, ${ids.length} tokens`,
    `generate            ${plain.toFixed(1)} ms`,
    `explain             ${median(times.explain).toFixed(1)} ms   ${(median(times.explain) / plain).toFixed(2)}x`,
    `explain --live      ${median(times.live).toFixed(1)} ms   ${(median(times.live) / plain).toFixed(2)}x`,
    `cold start to PNG   ${((await coldStart()) / 1000).toFixed(1)} s   (dexar explain … --png, a new process)`,
    "",
  ].join("\n"),
);

async function milliseconds(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function coldStart(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "dexar-speed-"));
  const command = [join(ROOT, "dist/cli.js"), "explain", PICTURE, "--png", join(folder, "strip.png")];
  return milliseconds(() => {
    execFileSync(process.execPath, command, { stdio: "ignore" });
    return Promise.resolve();
  }).finally(() => {
    rmSync(folder, { recursive: true });
  });
}
