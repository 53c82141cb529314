import path from "node:path";
import { UsageError } from "../usageError.js";
import { outputTarget, type OutputTarget } from "./outputTarget.js";

/** The output options of a command. */
export interface OutputOptions {
  readonly out?: string;
  readonly png?: string;
  readonly svg?: string;
  readonly html?: string;
}

/** The files to write for one input; null: not asked for. */
export interface OutputPlan {
  readonly run: string | null;
  /** The strip of all tokens. */
  readonly strip: string | null;
  /** Where a token's picture called `name` goes; only when --png is a folder. */
  readonly tokenPicture: ((name: string) => string) | null;
  /** The figure of the whole answer. */
  readonly figure: string | null;
  /** Where a token's figure called `name` goes; only when --svg is a folder. */
  readonly tokenFigure: ((name: string) => string) | null;
  readonly html: string | null;
}

/**
 * Decides all output files, one plan per input, and checks that they can be written.
 * @throws UsageError `output-is-input`, `outputs-collide` and those of {@link outputTarget}
 */
export async function planOutputs(inputs: readonly string[], options: OutputOptions): Promise<OutputPlan[]> {
  const target = (flag: string, value: string | undefined, extensions: readonly string[]) =>
    value === undefined ? null : outputTarget(flag, value, extensions, inputs.length);
  const out = await target("--out", options.out, [".dexar"]);
  const png = await target("--png", options.png, [".png"]);
  const svg = await target("--svg", options.svg, [".svg"]);
  const html = await target("--html", options.html, [".html", ".htm"]);
  const stems = distinctStems(inputs);
  const plans = stems.map((stem) => ({
    run: fileOf(out, `${stem}.dexar`),
    // Not STEM.png: that may be the picture itself.
    strip: fileOf(png, `${stem}.dexar.png`),
    tokenPicture: png?.kind === "folder" ? (name: string) => path.join(png.path, `${stem}.${name}`) : null,
    figure: fileOf(svg, `${stem}.dexar.svg`),
    tokenFigure: svg?.kind === "folder" ? (name: string) => path.join(svg.path, `${stem}.${name}`) : null,
    html: fileOf(html, `${stem}.dexar.html`),
  }));
  checkCollisions(inputs, plans);
  return plans;
}

/** All files of a plan but those of single tokens. */
function plannedFiles(plan: OutputPlan): string[] {
  return [plan.run, plan.strip, plan.figure, plan.html].filter((file) => file !== null);
}

function fileOf(target: OutputTarget | null, name: string): string | null {
  if (target === null) return null;
  return target.kind === "file" ? target.path : path.join(target.path, name);
}

/** File names without extension, numbered where two inputs share one (`cat`, `cat-2`). */
function distinctStems(inputs: readonly string[]): string[] {
  const taken = new Set<string>();
  return inputs.map((input) => {
    const stem = path.basename(input, path.extname(input));
    let name = stem;
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${stem}-${count}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

function checkCollisions(inputs: readonly string[], plans: readonly OutputPlan[]): void {
  const sources = new Set(inputs.map((input) => path.resolve(input)));
  const outputs = new Set<string>();
  for (const file of plans.flatMap(plannedFiles)) {
    const full = path.resolve(file);
    if (sources.has(full)) {
      throw new UsageError(
        "output-is-input",
        `This would overwrite the input: ${file}`,
        "Choose another name.",
      );
    }
    if (outputs.has(full)) {
      throw new UsageError(
        "outputs-collide",
        `Two outputs have the same name: ${file}`,
        "Choose another name.",
      );
    }
    outputs.add(full);
  }
}
