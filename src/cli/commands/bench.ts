import { Option, type Command } from "commander";
import { cacheFolder } from "../../bench/model/cacheFolder.js";
import {
  BENCH_DTYPES,
  BENCH_SHAPES,
  BENCH_STYLES,
  type BenchDtype,
  type BenchStyle,
} from "../../bench/model/shapes.js";
import { formatBench } from "../../bench/report/formatBench.js";
import type { BenchOptions } from "../../bench/runBench.js";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { withInterrupts } from "../interrupts.js";
import { wholeNumber } from "../options/numbers.js";
import type { Finish } from "../runCli.js";

interface BenchFlags {
  readonly short?: boolean;
  readonly json?: boolean;
  readonly shape: readonly string[];
  readonly style: BenchStyle;
  readonly dtype: readonly BenchDtype[];
  readonly imageTokens: number;
  readonly tokens: number;
  readonly seed: number;
}

/** Adds `dexar bench`. */
export function addBenchCommand(program: Command, context: CliContext, finish: Finish): void {
  const shapes = BENCH_SHAPES.map((shape) => shape.name);
  program
    .command("bench")
    .description("measure explaining against generating, on models with random weights of real shapes")
    .option("--short", "fewer rounds, and nothing on how time grows")
    .addOption(new Option("--shape <name...>", "which models").choices(shapes).default(shapes.slice(0, 1)))
    .addOption(
      new Option("--dtype <type...>", "in which weight types").choices(BENCH_DTYPES).default(["fp32", "q4"]),
    )
    .addOption(
      new Option("--style <style>", "how their decoders are written").choices(BENCH_STYLES).default("fused"),
    )
    .option("--image-tokens <n>", "image tokens in the prompt", wholeNumber("--image-tokens", 1, 4096), 768)
    .option("--tokens <n>", "tokens of the answer", wholeNumber("--tokens", 2, 1024), 32)
    .option("--seed <n>", "seed of the weights", wholeNumber("--seed", 0), 1)
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      "\nModels are built once, in $DEXAR_CACHE or the user's folder for caches (dexar/bench there).",
    )
    .action(async (flags: BenchFlags) => finish(await bench(flags, context)));
}

async function bench(flags: BenchFlags, { io, services }: CliContext): Promise<ExitCode> {
  const { style, dtype: dtypes, imageTokens, tokens, seed } = flags;
  const options: BenchOptions = {
    shapes: BENCH_SHAPES.filter((shape) => flags.shape.includes(shape.name)),
    style,
    dtypes,
    imageTokens,
    tokens,
    seed,
    short: flags.short === true,
    cache: cacheFolder(io.env),
  };
  const onProgress = (doing: string) => {
    io.stderr.write(`${doing}\n`);
  };
  const report = await withInterrupts(io, ({ signal }) => services.runBench(options, { signal, onProgress }));
  io.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : formatBench(report));
  return EXIT.done;
}
