import { basename, dirname } from "node:path";
import { DexarError } from "../../core/errors.js";
import type { Decoder } from "../../core/graph/decoder.js";
import { readModel, type ValueInfoProto } from "../../core/onnx/index.js";
import type { Family, ModelConfigs } from "../families/family.js";
import { openModelFolder } from "../modelFolder.js";
import { readModelJson, type PartFile, type PartFiles } from "./modelFiles.js";
import { languageConfig } from "./languageConfig.js";
import { readTokenIds, type TokenIds } from "./tokenIds.js";

/** A model of which configuration and decoder have been read. */
export interface FittedModel {
  readonly dir: string;
  readonly family: Family;
  readonly configs: ModelConfigs;
  readonly parts: PartFiles;
  readonly decoder: Decoder;
}

/** Whether files that were read one by one belong to the same model: what does not fit, in words. */
export function* fitProblems(model: FittedModel): Generator<DexarError> {
  yield* configProblems(model);
  yield* widthProblems(model);
  yield* tokenizerProblems(model);
}

/** Rows that exporters add to the vocabulary, so that its size is a round number. */
const PADDING = 1024;

/** Sizes of the language model in config.json, by the names that families give them. */
const SIZES = [
  { word: "layers", names: ["num_hidden_layers", "decoder_layers", "n_layer"], room: 0 },
  { word: "attention heads", names: ["num_attention_heads", "decoder_attention_heads", "n_head"], room: 0 },
  { word: "hidden units", names: ["hidden_size", "d_model", "n_embd"], room: 0 },
  { word: "words in its vocabulary", names: ["vocab_size"], room: PADDING },
] as const;

function* configProblems({ configs, parts, decoder }: FittedModel): Generator<DexarError> {
  const text = languageConfig(configs.config);
  const { layers, head } = decoder;
  const found = [layers.length, layers[0]?.attention.heads, head.hidden, head.vocabulary];
  const differences = SIZES.flatMap(({ word, names, room }, i) => {
    const written = names.map((name) => text[name]).find((value) => typeof value === "number");
    const said = word === "layers" ? (attentionLayers(text) ?? written) : written;
    const is = found[i];
    if (typeof said !== "number" || is === undefined || Math.abs(said - is) <= room) return [];
    return [`${said} ${word}, the graph has ${is}`];
  });
  if (differences.length === 0) return;
  yield new DexarError(
    "model-config-mismatch",
    `config.json and ${basename(parts.decoder.path)} are not of the same model: config.json says ${differences.join("; ")}.`,
    "Take config.json and the onnx folder from the same model; a fine-tuned model has to be exported again with its own config.json.",
  );
}

/** How many layers attend, where only some do (the others are short convolutions); null where nothing says so. */
function attentionLayers(text: Readonly<Record<string, unknown>>): number | null {
  const kinds: unknown = text["layer_types"];
  if (!Array.isArray(kinds) || !kinds.includes("conv")) return null;
  return kinds.filter((kind) => kind !== "conv").length;
}

/** The parts hand rows of numbers to the decoder, which must be as wide as it takes them. */
function* widthProblems({ parts, decoder }: FittedModel): Generator<DexarError> {
  const wanted =
    lastDim(decoder.proto.input.find(({ name }) => name === "inputs_embeds")) ?? decoder.head.hidden;
  for (const part of parts.all.filter(({ role }) => role === "embedding" || role === "vision")) {
    const width = outputWidth(part);
    if (width === null || width === wanted) continue;
    yield new DexarError(
      "model-parts-mismatch",
      `${basename(part.path)} and ${basename(parts.decoder.path)} are not of the same model: the first gives ${width} numbers per token, the second takes ${wanted}.`,
      "Take all files of the onnx folder from the same model and export.",
    );
  }
}

/** Names of what the parts give to the decoder. */
const HANDED = ["inputs_embeds", "image_features"];

function outputWidth({ path }: PartFile): number | null {
  const { graph } = readModel(openModelFolder(dirname(path)), basename(path));
  return lastDim(graph?.output.find(({ name }) => HANDED.includes(name)));
}

/** The last size of a value; null where it is not fixed or not known. */
function lastDim(value: ValueInfoProto | undefined): number | null {
  const type = value?.type?.value;
  const dim = type?.case === "tensorType" ? type.value.shape?.dim.at(-1)?.value : undefined;
  return dim?.case === "dimValue" && dim.value > 0n ? Number(dim.value) : null;
}

function* tokenizerProblems({ dir, family, configs, decoder }: FittedModel): Generator<DexarError> {
  const ids = readTokenIds(readModelJson(dir, "tokenizer.json"));
  if (ids === null) return;
  const { vocabulary } = decoder.head;
  if (ids.largest >= vocabulary) {
    yield new DexarError(
      "tokenizer-mismatch",
      `tokenizer.json is not this model's: it has tokens up to number ${ids.largest}, and the decoder knows ${vocabulary}.`,
      "Take tokenizer.json and tokenizer_config.json from the model that this one was made from.",
    );
  }
  // Families that name the image token themselves look it up in their own way.
  if (family.imageToken === undefined) yield* imageTokenProblem(configs, ids);
}

function* imageTokenProblem({ config }: ModelConfigs, ids: TokenIds): Generator<DexarError> {
  const id = config["image_token_index"] ?? config["image_token_id"];
  if (typeof id !== "number" || ids.has(id)) return;
  yield new DexarError(
    "image-token-missing",
    `config.json says that token ${id} stands for the picture, and tokenizer.json has no such token.`,
    "Take tokenizer.json from the model that this one was made from: the language model's own has no image token.",
  );
}
