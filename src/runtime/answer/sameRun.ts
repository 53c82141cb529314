import { DexarError } from "../../core/errors.js";
import type { Run } from "../../core/run/types.js";
import { decodePicture } from "../image/picture.js";
import { cutFromSheet } from "../image/pictureSheet.js";
import type { LoadedVlm } from "../model/loadModel.js";
import { modelHashes } from "../model/modelHashes.js";
import { modelInputs, type ModelInputs, type PromptParts } from "./prompt.js";

/** Natural-log difference that batched and half-precision arithmetic can make of a logprob. */
const LOGPROB_TOLERANCE = 0.05;

/**
 * The run's own prompt and picture as inputs again; the ids must come out as they were.
 * @throws DexarError `run-not-reproducible`
 */
export async function samePrompt(
  vlm: LoadedVlm,
  run: Run,
  pixels: Pick<PromptParts, "resize" | "pixelValuesPath"> = { resize: "pil", pixelValuesPath: null },
): Promise<ModelInputs> {
  const { info, arrays } = run;
  const prompt = await modelInputs(vlm, {
    ...(await picturesOf(run)),
    rendered: info.prompt.rendered,
    ...pixels,
  });
  const expected = arrays.inputIds.subarray(0, info.prompt.tokens.length);
  if (prompt.ids.length === expected.length && prompt.ids.every((id, at) => id === expected[at]))
    return prompt;
  throw notReproducible("the prompt gives other token ids now than it gave in the run");
}

/** The picture of a run, or those on its sheet. */
async function picturesOf({ info, image }: Run): Promise<Pick<PromptParts, "picture" | "others">> {
  const picture = await decodePicture(image, info.image.name);
  const [first, ...others] = (info.images ?? []).map(({ place }) => cutFromSheet(picture, place));
  return first ? { picture: first, others } : { picture };
}

/**
 * Equal ids are not enough: pixel values may have come from a file, or from another resize.
 * @throws DexarError `run-not-reproducible`
 */
export function checkLogprob(then: number, now: number): void {
  if (Math.abs(then - now) <= LOGPROB_TOLERANCE) return;
  throw notReproducible(
    `the run's own token has the log-probability ${now.toFixed(3)} now and had ${then.toFixed(3)}`,
  );
}

/**
 * The run's model must be the one that is loaded: same files, same dtype.
 * @throws DexarError `wrong-model`
 */
export async function checkModel(vlm: LoadedVlm, { info }: Run): Promise<void> {
  const { name, dtype, files } = info.model;
  const loaded = await modelHashes(vlm);
  const here = vlm.parts.decoder.dtype;
  const has = (sha256: string) => loaded.some((file) => file.sha256 === sha256);
  if (dtype === here && files.length > 0 && files.every((file) => has(file.sha256))) return;
  const why = name === vlm.name && dtype === here ? ", with other files" : "";
  throw new DexarError(
    "wrong-model",
    `The run was made with ${name} (${dtype}), but ${vlm.name} (${here}) is loaded${why}.`,
    `Load ${name} (${dtype}) and ask again.`,
  );
}

function notReproducible(why: string): DexarError {
  return new DexarError(
    "run-not-reproducible",
    `The run cannot be continued: ${why}.`,
    "Explain the picture again with the model that is loaded, then go on from that run.",
  );
}
