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
import { createSession } from "../session/createSession.js";
import { DecoderSession } from "../session/decoderSession.js";
import type { GradientSession } from "../session/gradientSession.js";
import {
  openGradient,
  openTappedDecoder,
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
  readonly decoder: ExplainableDecoder;
  readonly processor: Processor;
  readonly imageToken: { readonly id: number; readonly text: string };
  /** Longest prompt and answer together, in tokens. */
  readonly maxPositions: number;
  readonly lastAnswer: LastAnswer;
  readonly memoryCheck: MemoryCheck;
  /** The model over the untouched decoder file: the plain baseline. */
  plain(): Promise<LlavaForConditionalGeneration>;
  /** The same over the tapped decoder. */
  tapped(): Promise<TappedVlm>;
  dispose(): Promise<void>;
}

/**
 * Loads a model folder in transformers.js layout; nothing is fetched from a network.
 * @throws DexarError those of the folder and its files, and `not-enough-memory` before anything large is read
 */
export async function loadModel(
  modelDir: string,
  dtype: string | null,
  machine: ReadMachineMemory = readMachineMemory,
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
  const decoder = readExplainableDecoder(partPath(dir, "decoder_model_merged", dtypes.decoder_model_merged));
  const memoryCheck = openMemoryCheck({ dir, dtypes, decoder, configs }, machine);
  memoryCheck.beforeLoading();
  const processor = await AutoProcessor.from_pretrained(dir);
  usePythonSizes(processor.image_processor as Parameters<typeof usePythonSizes>[0]);
  family.adjustProcessor(processor.config as Record<string, unknown>, configs);
  return {
    dir,
    name: basename(dir),
    family,
    configs,
    dtypes,
    decoder,
    processor,
    imageToken: imageToken(configs, processor),
    maxPositions: maxPositions(configs),
    lastAnswer: new LastAnswer(),
    memoryCheck,
    ...(await openSessions(dir, family, dtypes, decoder)),
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

/** Opens vision encoder and embedding now, each kind of decoder when it is first asked for. */
async function openSessions(
  dir: string,
  family: Family,
  dtypes: LoadedVlm["dtypes"],
  decoder: ExplainableDecoder,
): Promise<Pick<LoadedVlm, "plain" | "tapped" | "dispose">> {
  const path = (part: ModelPart) => partPath(dir, part, dtypes[part]);
  const dtype = dtypes.decoder_model_merged;
  const generation = new GenerationConfig(readModelJson(dir, "generation_config.json", true) as never);
  const [config, vision, embed] = await Promise.all([
    AutoConfig.from_pretrained(dir),
    createSession("vision encoder", { path: path("vision_encoder") }),
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
      const session = await createSession("decoder", { path: path("decoder_model_merged") });
      return modelAround(new DecoderSession(session, dtype, "cpu"));
    }),
    tapped: once(async () => {
      const model = modelAround(await openTappedDecoder(decoder, dtype));
      const gradient = await openGradient(decoder);
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
