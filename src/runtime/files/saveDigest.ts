import { runDigest } from "../../core/run/runDigest.js";
import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import type { RunFiles } from "../../protocol/modelProcess.js";
import { digestPicture, type ViewPicture } from "../image/viewPicture.js";
import { renderAnswer } from "../picture/renderStrip.js";
import { writeOrKeepElsewhere } from "./keepElsewhere.js";

/**
 * Writes the digest of a run that is saved, and says where. Never throws, so that the run is not lost: null and a
 * warning on stderr where that failed, and the digest can be worked out again from the run file.
 * @param shown the picture of the panel, when it is at hand
 */
export async function saveDigest(
  run: Run,
  attribution: ShownAttribution,
  shown: ViewPicture | null,
  { digestPath, withFigure = false }: Pick<RunFiles, "digestPath" | "withFigure">,
): Promise<string | null> {
  try {
    const picture = await digestPicture(run.image, shown);
    const figure = withFigure ? { figure: await renderAnswer(run, attribution) } : {};
    const digest = new TextEncoder().encode(runDigest(run, attribution, { ...picture, ...figure }));
    return (await writeOrKeepElsewhere(digestPath, () => digest)).path;
  } catch (error) {
    process.stderr.write(`The run is saved, its digest ${digestPath} is not: ${String(error)}\n`);
    return null;
  }
}
