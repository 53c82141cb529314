import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { streamRun } from "../../core/run/writeRun.js";
import { writeFileAtomically, type FileContent } from "../../runtime/files/writeFileAtomically.js";
import { renderStrip, renderToken, tokenFileName } from "../../runtime/picture/renderStrip.js";
import type { CliServices } from "../services.js";
import { figuresOf } from "./figuresOf.js";
import type { OutputPlan } from "./planOutputs.js";

/**
 * Writes the files of a plan, the run file first, since it holds everything the others are made of.
 * @param keepGradient false leaves the large gradient out of the run file (its filters are then fixed)
 * @returns the paths written
 * @throws DexarError `output-write-failed`
 */
export async function saveOutputs(
  run: Run,
  attribution: ShownAttribution,
  plan: OutputPlan,
  keepGradient: boolean,
  services: Pick<CliServices, "renderReport">,
): Promise<string[]> {
  const written: string[] = [];
  const write = async (file: string, content: FileContent): Promise<void> => {
    await writeFileAtomically(file, content);
    written.push(file);
  };
  if (plan.run !== null) {
    const kept = keepGradient ? run : withoutGradient(run);
    await write(plan.run, (bytes) => streamRun(kept, attribution, bytes));
  }
  if (plan.strip !== null) await write(plan.strip, await renderStrip(run, attribution));
  if (plan.tokenPicture !== null) {
    for (const index of run.info.tokens.keys()) {
      await write(
        plan.tokenPicture(tokenFileName(run, index, "png")),
        await renderToken(run, attribution, index),
      );
    }
  }
  await saveFigures(run, attribution, plan, write);
  if (plan.html !== null) await write(plan.html, await services.renderReport(run, attribution));
  return written;
}

async function saveFigures(
  run: Run,
  attribution: ShownAttribution,
  { figure, tokenFigure }: OutputPlan,
  write: (file: string, content: string) => Promise<void>,
): Promise<void> {
  if (figure === null) return;
  const draw = await figuresOf(run, attribution);
  await write(figure, await draw(null));
  if (tokenFigure === null) return;
  for (const index of run.info.tokens.keys())
    await write(tokenFigure(tokenFileName(run, index, "svg")), await draw(index));
}

function withoutGradient(run: Run): Run {
  return { ...run, arrays: { ...run.arrays, gradient: null, gradientReferenceLast: null } };
}
