import { Option, type Command } from "commander";
import { cacheFolder } from "../../runtime/files/cacheFolder.js";
import {
  BENCH_DTYPES,
  BENCH_SHAPES,
  BENCH_STYLES,
  type BenchDtype,
  type BenchShape,
  type BenchStyle,
} from "../../bench/model/shapes.js";
import { formatBench } from "../../bench/report/formatBench.js";
import { filesBytes, LARGEST_FILES } from "../../bench/model/shapeSize.js";
import type { BenchOptions } from "../../bench/runBench.js";
import { bytesText } from "../../core/memory/bytesText.js";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { withInterrupts } from "../interrupts.js";
import { wholeNumber } from "../options/numbers.js";
import { TEXTBOOK, TEXTBOOK_TOKENS, textbookPlan, type TextbookFlags } from "../options/textbook.js";
import type { Finish } from "../runCli.js";
import { UsageError } from "../usageError.js";

interface BenchFlags extends TextbookFlags {
  readonly short?: boolean;
  readonly json?: boolean;
  readonly shape: readonly string[];
  readonly style: BenchStyle;
  readonly dtype?: readonly BenchDtype[];
  readonly imageTokens: number;
  readonly tokens: number;
  readonly rounds?: number;
  readonly seed: number;
}

/** Measured where no weight type is asked for, unless the model would be too large. */
const DEFAULT_DTYPES: readonly BenchDtype[] = ["fp32", "q4"];
const ROUNDS = { short: 3, full: 5 };

const HELP = `
Models are built once, in $DEXAR_CACHE or the user's folder for caches (dexar/bench there);
it can be deleted at any time. Sizes on disk in fp32 and q4:
${BENCH_SHAPES.map((shape) => `  ${shape.name.padEnd(22)}${sizeText(shape, "fp32").padStart(8)}${sizeText(shape, "q4").padStart(10)}`).join("\n")}

Bars are checked in the setting they were set for: smolvlm-256m, fused, 768 image tokens, 32 tokens.
No number makes the command fail. Ctrl-C ends it with what was finished.

Examples:
  dexar bench --short                          a few minutes
  dexar bench --shape smolvlm-500m --dtype q4
  dexar bench --shape llava-1.5-7b --short --rounds 1 --tokens 4 --image-tokens 64
  dexar bench --short --json > bench.json`;

/** Adds `dexar bench`. */
export function addBenchCommand(program: Command, context: CliContext, finish: Finish): void {
  const shapes = BENCH_SHAPES.map((shape) => shape.name);
  const dtypes = `in which weight types (default: ${DEFAULT_DTYPES.join(" ")})`;
  program
    .command("bench")
    .description("measure explaining against generating, on models with random weights of real shapes")
    .option("--short", "fewer rounds, and nothing on how time and memory grow")
    .addOption(new Option("--shape <name...>", "which models").choices(shapes).default(shapes.slice(0, 1)))
    .addOption(new Option("--dtype <type...>", dtypes).choices(BENCH_DTYPES))
    .addOption(
      new Option("--style <style>", "how their decoders are written").choices(BENCH_STYLES).default("fused"),
    )
    .option("--image-tokens <n>", "image tokens in the prompt", wholeNumber("--image-tokens", 1, 4096), 768)
    .option("--tokens <n>", "tokens of the answer", wholeNumber("--tokens", 2, 1024), 32)
    .option("--rounds <n>", "how often everything is timed (5, short 3)", wholeNumber("--rounds", 1, 100))
    .option("--seed <n>", "seed of the weights", wholeNumber("--seed", 0), 1)
    .addOption(TEXTBOOK)
    .addOption(TEXTBOOK_TOKENS)
    .option("--json", "print one JSON object")
    .addHelpText("after", HELP)
    .action(async (flags: BenchFlags) => finish(await bench(flags, context)));
}

async function bench(flags: BenchFlags, { io, services }: CliContext): Promise<ExitCode> {
  const options = optionsOf(flags, cacheFolder(io.env));
  const onProgress = (doing: string) => {
    io.stderr.write(`${doing}\n`);
  };
  const report = await withInterrupts(io, ({ signal }) => services.runBench(options, { signal, onProgress }));
  io.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : formatBench(report));
  return report.partial ? EXIT.cancelled : EXIT.done;
}

/** @throws UsageError `bench-too-large` for a model whose files would be too large */
function optionsOf(flags: BenchFlags, cache: string): BenchOptions {
  const { style, imageTokens, tokens, seed } = flags;
  const short = flags.short === true;
  const shapes = BENCH_SHAPES.filter((shape) => flags.shape.includes(shape.name));
  const models = shapes.flatMap((shape) => dtypesOf(shape, flags.dtype).map((dtype) => ({ shape, dtype })));
  const rounds = flags.rounds ?? (short ? ROUNDS.short : ROUNDS.full);
  const textbook = textbookPlan(flags, { style, models });
  return { models, style, imageTokens, tokens, seed, rounds, growth: !short, cache, textbook };
}

function dtypesOf(shape: BenchShape, asked: readonly BenchDtype[] | undefined): readonly BenchDtype[] {
  const fits = (dtype: BenchDtype) => filesBytes(shape, dtype) <= LARGEST_FILES;
  if (asked === undefined) return DEFAULT_DTYPES.filter(fits);
  const tooLarge = asked.find((dtype) => !fits(dtype));
  if (tooLarge === undefined) return asked;
  const fitting = BENCH_DTYPES.filter(fits);
  throw new UsageError(
    "bench-too-large",
    `${shape.name} in ${tooLarge} would be ${sizeText(shape, tooLarge)} on disk and more than that in memory; models of up to ${bytesText(LARGEST_FILES)} are built.`,
    `Choose --dtype ${fitting.join(" or ")}, or a smaller --shape.`,
  );
}

function sizeText(shape: BenchShape, dtype: BenchDtype): string {
  return bytesText(filesBytes(shape, dtype));
}
