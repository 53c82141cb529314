import { DexarError } from "../core/errors.js";
import type { HubFile } from "./hubApi.js";
import { decoderDtypes, graphFiles, graphsFor, isWeightsOf, seesPictures } from "./modelParts.js";

/** Files beside the graphs that a model needs or that say what may be done with it. */
const TEXT_FILES =
  /^((config|generation_config|preprocessor_config|processor_config|video_preprocessor_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|chat_template)\.json|chat_template\.jinja|(LICENSE|LICENCE|NOTICE|README)[\w.-]*)$/i;
/** Which weight type is downloaded where none is asked for, the first that is offered: usual types, small ones first, then rare ones. */
const WISHES = ["q4", "q8", "fp16", "fp32", "q4f16", "int8", "uint8", "bnb4"];

/** A weight type of a model on the hub. */
export interface OfferedDtype {
  readonly dtype: string;
  /** All files of a model in it. */
  readonly bytes: number;
}

/** What can be downloaded of a model. */
export interface OfferedFiles {
  readonly dtypes: readonly OfferedDtype[];
  /** The one to take where the user does not choose. */
  readonly usual: string;
}

/**
 * The weight types of a model on the hub and their sizes, best first.
 * @throws DexarError `model-not-onnx`, `model-text-only`
 */
export function offeredFiles(name: string, files: readonly HubFile[]): OfferedFiles {
  const graphs = graphFiles(files.map(({ path }) => path));
  const dtypes = decoderDtypes(graphs);
  if (dtypes.length === 0) throw notOnnx(name);
  if (!seesPictures(graphs)) throw textOnly(name);
  return {
    dtypes: dtypes.map((dtype) => ({ dtype, bytes: totalBytes(filesIn(files, dtype)) })),
    usual: WISHES.find((wish) => dtypes.includes(wish)) ?? dtypes[0] ?? "fp32",
  };
}

/**
 * The files to download for a weight type: nothing that the model process does not read.
 * @throws DexarError `dtype-not-found`
 */
export function chooseFiles(name: string, files: readonly HubFile[], dtype: string): HubFile[] {
  const { dtypes } = offeredFiles(name, files);
  if (!dtypes.some((offered) => offered.dtype === dtype)) {
    throw new DexarError(
      "dtype-not-found",
      `${name} is not offered in ${dtype}.`,
      `Choose one of: ${dtypes.map((offered) => offered.dtype).join(", ")}.`,
    );
  }
  return filesIn(files, dtype);
}

/** Sum of the sizes. */
export function totalBytes(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** Small files first, so that what is wrong with a model shows early. */
function filesIn(files: readonly HubFile[], dtype: string): HubFile[] {
  const graphs = graphsFor(graphFiles(files.map(({ path }) => path)), dtype).map(({ path }) => path);
  return files
    .filter(
      ({ path }) =>
        TEXT_FILES.test(path) || graphs.includes(path) || graphs.some((graph) => isWeightsOf(path, graph)),
    )
    .sort((a, b) => a.size - b.size);
}

function notOnnx(name: string): DexarError {
  return new DexarError(
    "model-not-onnx",
    `${name} holds no decoder as ONNX graph (onnx/decoder_model_merged.onnx), which is what runs here.`,
    "Look for an ONNX version of it, such as those of onnx-community, or export it.",
  );
}

function textOnly(name: string): DexarError {
  return new DexarError(
    "model-text-only",
    `${name} has no part that sees pictures (onnx/vision_encoder.onnx).`,
    "Choose a vision-language model.",
  );
}
