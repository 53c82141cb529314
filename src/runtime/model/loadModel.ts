import { basename, resolve } from "node:path";
import {
  AutoConfig,
  AutoProcessor,
  env,
  GenerationConfig,
  LogLevel,
  type LlavaForConditionalGeneration,
  type Processor,
} from "@huggingface/transformers";
import { DexarError } from "../../core/errors.js";
import { familyOf } from "../families/index.js";
import type { Family, ModelConfigs } from "../families/family.js";
import { LastAnswer } from "../answer/lastAnswer.js";
import { usePythonSizes } from "../image/resizedSize.js";
import { readMachineMemory, type ReadMachineMemory } from "../memory/machineMemory.js";
import type { MemoryCheck } from "../memory/memoryCheck.js";
import { openMemoryCheck } from "../memory/openMemoryCheck.js";
import { cacheCutter } from "../session/cacheCutter.js";
import { createSession } from "../session/createSession.js";
import { CPU, type ReadyDevice } from "../session/device.js";
import type { DecoderSession } from "../session/decoderSession.js";
import type { GradientSession } from "../session/gradientSession.js";
import {
  openDecoder,
  openGradient,
  readExplainableDecoder,
  type ExplainableDecoder,
} from "./explainableDecoder.js";
import { checkModelFolder, chooseDtypes, partPath, readModelJson, type ModelPart } from "./modelFiles.js";

/** transformers.js's model over the tapped decoder, with the session that turns taps into gradients. */
export type TappedVlm = LlavaForConditionalGeneration & { readonly gradient: GradientSession };

/** A vision-language model, loaded and ready to generate and explain. */
export interface LoadedVlm {
  readonly dir: string;
  readonly name: string;
  readonly family: Family;
  readonly configs: ModelConfigs;
  readonly dtypes: Readonly<Record<ModelPart, string>>;
  readonly device: ReadyDevice;
  readonly decoder: ExplainableDecoder;
  readonly processor: Processor;
  readonly imageToken: { readonly id: number; readonly text: string };
  /** Longest prompt and answer together, in tokens. */
  readonly maxPositions: number;
  readonly lastAnswer: LastAnswer;
  readonly memoryCheck: MemoryCheck;
  /** The model without taps: the plain baseline. */
  plain(): Promise<LlavaForConditionalGeneration>;
  /** The same over the tapped decoder. */
  tapped(): Promise<TappedVlm>;
  dispose(): Promise<void>;
}

/** Where a model is loaded, and how much memory there is; by default the CPU, and what the machine has. */
export interface LoadOptions {
  readonly device?: ReadyDevice;
  readonly machine?: ReadMachineMemory;
}

/**
 * Loads a model folder in transformers.js layout; nothing is fetched from a network.
 * @throws DexarError those of the folder and its files, and `not-enough-memory` before anything large is read
 */
export async function loadModel(
  modelDir: string,
  dtype: string | null,
  { device = CPU, machine = readMachineMemory }: LoadOptions = {},
): Promise<LoadedVlm> {
  const dir = resolve(modelDir);
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  // What fails is thrown as well; logged, it would bring the numbers of all inputs, at each cancel too.
  env.logLevel = LogLevel.NONE;
  checkModelFolder(dir);
  const configs = readConfigs(dir);
  const family = familyOf(configs);
  const dtypes = chooseDtypes(dir, dtype);
  const path = partPath(dir, "decoder_model_merged", dtypes.decoder_model_merged);
  const decoder = readExplainableDecoder(path, undefined, device.name);
  const memoryCheck = openMemoryCheck({ dir, dtypes, decoder, configs }, machine);
  memoryCheck.beforeLoading();
  const processor = await AutoProcessor.from_pretrained(dir);
  usePythonSizes(processor.image_processor as Parameters<typeof usePythonSizes>[0]);
  family.adjustProcessor(processor.config as Record<string, unknown>, configs);
  const cutter = cacheCutter(device.name);
  const lastAnswer = new LastAnswer(cutter.cut);
  const sessions = await openSessions({ dir, family, dtypes, decoder, device });
  return {
    dir,
    name: basename(dir),
    family,
    configs,
    dtypes,
    device,
    decoder,
    processor,
    imageToken: imageToken(configs, processor),
    maxPositions: maxPositions(configs),
    lastAnswer,
    memoryCheck,
    ...sessions,
    dispose: async () => {
      lastAnswer.clear();
      await cutter.release();
      await sessions.dispose();
    },
  };
}

/** The three JSON files that describe a model. */
export function readConfigs(dir: string): ModelConfigs {
  return {
    config: readModelJson(dir, "config.json"),
    image: readModelJson(dir, "preprocessor_config.json"),
    processor: readModelJson(dir, "processor_config.json", true),
  };
}

/**
 * Opens vision encoder and embedding now, each kind of decoder when it is first asked for. The embedding stays on the
 * CPU: it only looks rows up, which are wanted there to put the picture's features between them.
 */
async function openSessions({
  dir,
  family,
  dtypes,
  decoder,
  device,
}: Pick<LoadedVlm, "dir" | "family" | "dtypes" | "decoder" | "device">): Promise<
  Pick<LoadedVlm, "plain" | "tapped" | "dispose">
> {
  const path = (part: ModelPart) => partPath(dir, part, dtypes[part]);
  const dtype = dtypes.decoder_model_merged;
  const generation = new GenerationConfig(readModelJson(dir, "generation_config.json", true) as never);
  const [config, vision, embed] = await Promise.all([
    AutoConfig.from_pretrained(dir),
    createSession("vision encoder", { path: path("vision_encoder") }, { device: device.name }),
    createSession("token embedding", { path: path("embed_tokens") }),
  ]);
  const opened: { release(): Promise<void> }[] = [vision, embed];
  const modelAround = (session: DecoderSession) => {
    opened.push(session);
    const sessions = {
      vision_encoder: named(vision, dtypes.vision_encoder),
      embed_tokens: named(embed, dtypes.embed_tokens),
      decoder_model_merged: session,
    };
    return new family.modelClass(config, sessions, { generation_config: generation });
  };
  return {
    plain: once(async () => {
      return modelAround(await openDecoder(decoder.plain, decoder, dtype, device));
    }),
    tapped: once(async () => {
      const model = modelAround(await openDecoder(decoder.tapped, decoder, dtype, device));
      const gradient = await openGradient(decoder, device);
      opened.push(gradient);
      return Object.assign(model, { gradient });
    }),
    dispose: async () => {
      await Promise.all(opened.map((session) => session.release()));
    },
  };
}

/** transformers.js keeps dtype and device on the session object. */
function named<S extends object>(session: S, dtype: string): S {
  return Object.assign(session, { config: { dtype, device: "cpu" } });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function imageToken(configs: ModelConfigs, processor: Processor): LoadedVlm["imageToken"] {
  const id = Number(configs.config["image_token_index"] ?? configs.config["image_token_id"]);
  const given = configs.processor["image_token"];
  const text =
    typeof given === "string" ? given : processor.tokenizer?.decode([id], { skip_special_tokens: false });
  if (Number.isInteger(id) && text) return { id, text };
  throw new DexarError(
    "model-config-damaged",
    "config.json does not say which token stands for the image (image_token_index).",
    "Take config.json from the model's page.",
  );
}

function maxPositions(configs: ModelConfigs): number {
  const text = (configs.config["text_config"] ?? {}) as Record<string, unknown>;
  // LLaVA's published configs leave this out: Llama's own default holds then.
  return Number(text["max_position_embeddings"] ?? 2048);
}
