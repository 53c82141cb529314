import { DexarError } from "../../core/errors.js";
import type { Run, RunPicture, RunToken } from "../../core/run/types.js";
import type { ExplainRequest } from "../../protocol/modelProcess.js";
import { readRunFile } from "../files/readRunFile.js";
import { loadPicture } from "../image/picture.js";
import type { LoadedVlm } from "../model/loadModel.js";
import type { PreparedPrompt } from "./prompt.js";
import { checkModel, samePrompt } from "./sameRun.js";

/** The answer of a run that another one goes on from. */
export interface EarlierAnswer {
  /** Of the run. */
  readonly id: string;
  /** Name of its picture. */
  readonly image: string;
  /** Its pictures, where there are several. */
  readonly images: readonly RunPicture[] | undefined;
  /** Its tokens without the end token that closed it. */
  readonly tokens: readonly RunToken[];
  /** It ended by itself: the end token may not be the first new one, or nothing would come. */
  readonly wasEnded: boolean;
  /** Its prompt and picture, as inputs again. */
  readonly prompt: PreparedPrompt;
}

/**
 * Reads the run that a request goes on from.
 * @throws DexarError `wrong-model`, `continue-other-picture`, `continue-other-prompt`, `continue-with-target`,
 * `run-not-reproducible`, and those of reading run file and picture
 */
export async function readEarlierAnswer(
  vlm: LoadedVlm,
  request: ExplainRequest,
  runPath: string,
): Promise<EarlierAnswer> {
  if (request.target !== null) {
    throw new DexarError(
      "continue-with-target",
      "A run is continued, but the answer is given.",
      "Leave the target out, or explain it without continuing a run.",
    );
  }
  const run = await readRunFile(runPath);
  await checkModel(vlm, run);
  checkPrompt(run, request);
  await checkPictures(run, request);
  const { info } = run;
  const inputs = await samePrompt(vlm, run, request);
  const ended = info.tokens.at(-1)?.stop === true;
  return {
    id: info.id,
    image: info.image.name,
    images: info.images,
    tokens: ended ? info.tokens.slice(0, -1) : info.tokens,
    wasEnded: ended,
    prompt: { ...inputs, tokens: info.prompt.tokens, warnings: inputs.picture.warnings },
  };
}

function checkPrompt({ info }: Run, { prompt, systemPrompt = "" }: ExplainRequest): void {
  if (prompt === info.prompt.text && systemPrompt === (info.generation.systemPrompt ?? "")) return;
  throw new DexarError(
    "continue-other-prompt",
    "The run to continue was asked something else.",
    "Leave the prompt as it was, or explain the new one without continuing a run.",
  );
}

/** An empty path stands for the run's own picture, and `imagePath` alone for the first of several or for their sheet. */
async function checkPictures({ info }: Run, { imagePath, imagePaths }: ExplainRequest): Promise<void> {
  const own = (info.images ?? [info.image]).map(({ sha256 }) => [sha256]);
  const known = imagePaths ? own : [[info.image.sha256, ...(own[0] ?? [])]];
  const given = imagePaths ?? [imagePath];
  const are = async (path: string, index: number) =>
    path === "" || known[index]?.includes((await loadPicture(path)).sha256) === true;
  const same = await Promise.all(given.map(are));
  if (given.length === known.length && !same.includes(false)) return;
  throw new DexarError(
    "continue-other-picture",
    `The run to continue is about another picture (${info.image.name}) than ${given.filter(Boolean).join(", ")}.`,
    "Name no picture: the run has its own.",
  );
}
