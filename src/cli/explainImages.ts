import { deviceWish } from "./options/device.js";
import { attribute } from "../core/attribution/attribute.js";
import { attributionInput } from "../core/attribution/attributionInput.js";
import type { AttributionSettings } from "../core/attribution/settings.js";
import { DexarError } from "../core/errors.js";
import type { GenerateRequest } from "../protocol/modelProcess.js";
import { isCancelled } from "../core/serializedError.js";
import type { ExplainOptions } from "./commands/explain.js";
import type { CliContext } from "./context.js";
import { EXIT, type ExitCode } from "./exitCodes.js";
import type { ImageInput } from "./findImages.js";
import type { ContinuedRun } from "./options/continueRun.js";
import { aboutImage, expectedTokens } from "./options/requestOptions.js";
import { chosenSettings } from "./options/settingsOptions.js";
import type { OutputPlan } from "./outputs/planOutputs.js";
import { printRun } from "./outputs/printRun.js";
import { saveOutputs } from "./outputs/saveOutputs.js";
import { printError, toDexarError } from "./printError.js";
import { withModel, type ModelSession } from "./withModel.js";

/** Tokens explained together unless the user watches live: an answer of usual length is one batch. */
const BATCH = 32;

/** A checked `explain` command. */
export interface ExplainJob {
  readonly images: readonly (ImageInput & { readonly plan: OutputPlan })[];
  readonly request: Omit<GenerateRequest, "imagePath">;
  readonly modelDir: string;
  readonly options: ExplainOptions;
  /** The run to go on from. */
  readonly run: ContinuedRun | null;
}

/**
 * Explains one image after the other; one that fails is reported and skipped.
 * @throws DexarError when the model cannot be loaded or its process dies
 */
export async function explainImages(job: ExplainJob, context: CliContext): Promise<ExitCode> {
  const { images, options } = job;
  const total = images.length;
  let failed = 0;
  const fail = (image: string, error: unknown): void => {
    failed++;
    printError(context.io, toDexarError(error), { json: options.json === true, image });
  };
  const usable = images.filter(({ path, problem }) => {
    if (problem !== null) fail(path, problem);
    return problem === null;
  });
  const loading = { modelDir: job.modelDir, ...deviceWish(options), dtype: options.dtype ?? null };
  const cancelled =
    usable.length > 0 &&
    (await withModel(context, loading, (session) =>
      explainAll({ ...job, images: usable }, session, context, fail),
    ));
  if (failed > 0 && total > 1) context.io.stderr.write(`${failed} of ${total} images failed.\n`);
  if (cancelled) return EXIT.cancelled;
  return failed > 0 ? EXIT.failed : EXIT.done;
}

/** Returns true when Ctrl-C left something undone. */
async function explainAll(
  job: ExplainJob,
  session: ModelSession,
  context: CliContext,
  fail: (image: string, error: unknown) => void,
): Promise<boolean> {
  const settings = { ...job.run?.settings, ...chosenSettings(job.options, session.model.layers) };
  const { images } = job;
  for (const [index, image] of images.entries()) {
    if (session.signal.aborted) return reportCancel(context, 0, index, images.length);
    const title = images.length > 1 ? `[${index + 1}/${images.length}] ${image.path}` : image.path;
    session.progress.begin(title, expectedTokens(job.request));
    try {
      const finishedTokens = await explainOne(job, image, settings, session, context);
      if (finishedTokens !== null) return reportCancel(context, finishedTokens, index, images.length);
    } catch (error) {
      session.progress.clear();
      if (isCancelled(error)) return reportCancel(context, 0, index, images.length);
      // Without the process, or without memory, every other image would only fail in the same words.
      if (error instanceof DexarError && ["model-process-died", "out-of-memory"].includes(error.code)) {
        throw error;
      }
      fail(image.path, error);
    }
  }
  return false;
}

/** Explains, saves and prints one image; returns null, or the number of finished tokens of a cancelled run. */
async function explainOne(
  { request, options, run: continued }: ExplainJob,
  { path, plan }: ExplainJob["images"][number],
  settings: Partial<AttributionSettings>,
  { client, progress, signal }: ModelSession,
  { io, services }: CliContext,
): Promise<number | null> {
  const captureEvery = options.live === true ? 1 : BATCH;
  const run = await client.explain(
    {
      ...aboutImage(request, path === continued?.path ? "" : path, options),
      captureEvery,
      settings,
      ...(continued && { continueFrom: continued.path }),
    },
    { signal, onEvent: (event) => progress.event(event) },
  );
  progress.clear();
  const attribution = attribute(attributionInput(run), run.info.settings);
  const written = await saveOutputs(run, attribution, plan, options.gradient, services);
  printRun(io, run, attribution, { source: path, written, json: options.json === true });
  return run.info.partial ? run.info.tokens.length : null;
}

function reportCancel({ io }: CliContext, keptTokens: number, before: number, total: number): true {
  const kept =
    keptTokens === 0 ? "no token of this answer was finished" : `${keptTokens} finished tokens are kept`;
  const others = total > 1 ? `; ${before} of ${total} images were done before` : "";
  io.stderr.write(`Cancelled: ${kept}${others}.\n`);
  return true;
}
