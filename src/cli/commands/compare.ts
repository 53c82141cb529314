import type { Command } from "commander";
import { alignTokens } from "../../core/compare/alignTokens.js";
import { changesOf, compareRuns, type RunComparison } from "../../core/compare/compareRuns.js";
import { compareSides } from "../../core/compare/compareSides.js";
import type { ComparedRun, TokenChoice } from "../../core/compare/side.js";
import { shownAttribution } from "../../core/run/shownAttribution.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import type { RunInfo } from "../../core/run/types.js";
import { writeFileAtomically } from "../../runtime/files/writeFileAtomically.js";
import { renderComparison } from "../../runtime/picture/renderComparison.js";
import { comparisonJson } from "../compare/comparisonJson.js";
import { formatComparison, type ShownComparison } from "../compare/formatComparison.js";
import { readStoredRun } from "../compare/readStoredRun.js";
import { chosenTokens, parseToken, type TokenSpec } from "../compare/tokenOption.js";
import type { CliContext } from "../context.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { wantsColour } from "../io.js";
import { outputTarget } from "../outputs/outputTarget.js";
import type { Finish } from "../runCli.js";
import { UsageError } from "../usageError.js";

interface CompareOptions {
  readonly token?: TokenSpec;
  readonly png?: string;
  readonly html?: string;
  readonly json?: boolean;
}

/** Adds `dexar compare A.dexar B.dexar`: two finished runs from their files alone. */
export function addCompareCommand(program: Command, context: CliContext, finish: Finish): void {
  program
    .command("compare")
    .description("compare two run files: what was changed, and where each looked; needs no model")
    .argument("<a.dexar>", "run file")
    .argument("<b.dexar>", "run file; the same one to compare two of its tokens")
    .option("--token <i[:j]>", "only A's token i, with its counterpart in B or with B's token j", parseToken)
    .option("--png <file>", "picture: A, B and the difference side by side")
    .option("--html <file>", "page for the browser")
    .option("--json", "print one JSON object")
    .action(async (a: string, b: string, options: CompareOptions) =>
      finish(await compare([a, b], options, context)),
    );
}

async function compare(
  files: readonly [a: string, b: string],
  options: CompareOptions,
  { io, services }: CliContext,
): Promise<ExitCode> {
  const png = await outputFile("--png", options.png, [".png"]);
  const html = await outputFile("--html", options.html, [".html", ".htm"]);
  const stored = [await readStoredRun(files[0]), await readStoredRun(files[1])] as const;
  const [a, b] = [comparedRun(stored[0]), comparedRun(stored[1])];
  const choice = choiceOf(options.token, a.info, b.info);
  const shown: ShownComparison = {
    files,
    infos: [a.info, b.info],
    comparison: choice === null ? compareRuns(a, b) : only(a, b, choice),
    subject: {
      title: choice === null ? "Whole answer" : choiceTitle(choice, a.info, b.info),
      compared: compareSides(a, b, choice ?? [null, null]),
    },
  };
  const written: string[] = [];
  const write = async (file: string | null, content: () => Promise<Uint8Array | string>): Promise<void> => {
    if (file === null) return;
    await writeFileAtomically(file, await content());
    written.push(file);
  };
  const [runA, runB] = [stored[0].run, stored[1].run];
  const data = { a: { run: runA, attribution: a.attribution }, b: { run: runB, attribution: b.attribution } };
  await write(png, () => renderComparison([runA, runB], shown.subject.compared, shown.subject.title));
  await write(html, () => services.renderComparison(data, { names: files, choice: choice ?? [null, null] }));
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ ...comparisonJson(shown), written })}\n`);
  } else {
    const style = { width: io.stdout.columns, colour: wantsColour(io.stdout, io.env) };
    io.stdout.write(formatComparison(shown, style));
    for (const file of written) io.stdout.write(`wrote ${file}\n`);
  }
  return EXIT.done;
}

function comparedRun({ run, attribution }: Awaited<ReturnType<typeof readStoredRun>>): ComparedRun {
  return { info: run.info, settings: run.info.settings, attribution: shownAttribution(run, attribution) };
}

type Choice = readonly [Exclude<TokenChoice, null>, Exclude<TokenChoice, null>];

function choiceOf(spec: TokenSpec | undefined, a: RunInfo, b: RunInfo): Choice | null {
  return spec === undefined ? null : chosenTokens(spec, alignTokens(a.tokens, b.tokens), a, b);
}

/** The comparison of the chosen tokens alone. */
function only(a: ComparedRun, b: ComparedRun, [tokensA, tokensB]: Choice): RunComparison {
  const label = (run: ComparedRun, tokens: readonly number[]): string =>
    tokens.map((index) => run.info.tokens[index]?.text ?? "").join("");
  const kind =
    tokensB.length === 0 ? "removed" : label(a, tokensA) === label(b, tokensB) ? "same" : "changed";
  return {
    changes: changesOf(a, b),
    whole: compareSides(a, b, [null, null]),
    tokens: [{ pair: { kind, a: tokensA, b: tokensB }, compared: compareSides(a, b, [tokensA, tokensB]) }],
  };
}

function choiceTitle([tokensA, tokensB]: Choice, a: RunInfo, b: RunInfo): string {
  const name = ({ tokens }: RunInfo, indices: readonly number[]): string =>
    indices.map((index) => tokenLabel(tokens[index]?.text ?? "")).join("") || "nothing";
  return `${name(a, tokensA)} in A, ${name(b, tokensB)} in B`;
}

async function outputFile(
  flag: string,
  value: string | undefined,
  extensions: readonly string[],
): Promise<string | null> {
  if (value === undefined) return null;
  const target = await outputTarget(flag, value, extensions, 1);
  if (target.kind === "file") return target.path;
  throw new UsageError(
    "output-is-folder",
    `${flag} is a folder: ${value}`,
    `Give a file ending in ${extensions[0] ?? ""}.`,
  );
}
