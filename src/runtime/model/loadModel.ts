import { resolve } from "node:path";
import {
  AutoConfig,
  AutoProcessor,
  env,
  GenerationConfig,
  LogLevel,
  type PreTrainedModel,
  type Processor,
} from "@huggingface/transformers";
import { DexarError } from "../../core/errors.js";
import { modelName } from "../../core/modelName.js";
import { familyOf } from "../families/index.js";
import type { Family, ImageToken, ModelConfigs } from "../families/family.js";
import { THREE_PARTS } from "../families/parts.js";
import { LastAnswer } from "../answer/lastAnswer.js";
import { usePythonSizes } from "../image/resizedSize.js";
import { readCardMemory, type ReadCardMemory } from "../memory/cardMemory.js";
import { fitOnCard } from "../memory/fitOnCard.js";
import { readMachineMemory, type ReadMachineMemory } from "../memory/machineMemory.js";
import type { MemoryCheck } from "../memory/memoryCheck.js";
import { modelMemory } from "../memory/modelMemory.js";
import { openMemoryCheck, readable } from "../memory/openMemoryCheck.js";
import { cacheCutter } from "../session/cacheCutter.js";
import type { ReadyDevice, SessionDevice } from "../session/device.js";
import type { DecoderSession } from "../session/decoderSession.js";
import type { GradientSession } from "../session/gradientSession.js";
import { ON_CPU, type Placement } from "../session/placement.js";
import { explainMismatch } from "./explainMismatch.js";
import {
  openDecoder,
  openGradient,
  readExplainableDecoder,
  type ExplainableDecoder,
} from "./explainableDecoder.js";
import { fitProblems } from "./fitProblems.js";
import { partProblems } from "./folderProblems.js";
import { keepPromptsWhole } from "./keepPromptsWhole.js";
import { openParts } from "./openParts.js";
import { maxPositions } from "./maxPositions.js";
import { checkModelFolder, chooseParts, readModelJson, type PartFiles } from "./modelFiles.js";

/** transformers.js's model over the tapped decoder, with the session that turns taps into gradients. */
export type TappedVlm = PreTrainedModel & { readonly gradient: GradientSession };

/** A vision-language model, loaded and ready to generate and explain. */
export interface LoadedVlm {
  readonly dir: string;
  readonly name: string;
  readonly family: Family;
  readonly configs: ModelConfigs;
  readonly parts: PartFiles;
  /** Where the decoder runs. */
  readonly device: ReadyDevice;
  readonly placement: Placement;
  readonly decoder: ExplainableDecoder;
  readonly processor: Processor;
  readonly imageToken: ImageToken;
  /** What a rendered prompt holds once for a picture. */
  readonly placeholder: string;
  /** Longest prompt and answer together, in tokens. */
  readonly maxPositions: number;
  readonly lastAnswer: LastAnswer;
  readonly memoryCheck: MemoryCheck;
  /** The model without taps: the plain baseline. */
  plain(): Promise<PreTrainedModel>;
  /** The same over the tapped decoder. */
  tapped(): Promise<TappedVlm>;
  dispose(): Promise<void>;
}

/** Where a model is loaded, and how much memory there is; by default the CPU, and what the machine has. */
export interface LoadOptions {
  readonly placement?: Placement;
  readonly machine?: ReadMachineMemory;
  readonly card?: ReadCardMemory;
}

/**
 * Loads a model folder in transformers.js layout; nothing is fetched from a network.
 * @throws DexarError those of the folder and its files, and `not-enough-memory` before anything large is read
 */
export async function loadModel(
  modelDir: string,
  dtype: string | null,
  { placement: given = ON_CPU, machine = readMachineMemory, card = readCardMemory }: LoadOptions = {},
): Promise<LoadedVlm> {
  const dir = resolve(modelDir);
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  // What fails is thrown as well; logged, it would bring the numbers of all inputs, at each cancel too.
  env.logLevel = LogLevel.NONE;
  checkModelFolder(dir);
  const configs = readConfigs(dir);
  const family = familyOf(configs);
  const wanted = keepPromptsWhole(family, given);
  const parts = chooseParts(dir, family.parts ?? THREE_PARTS, dtype);
  for (const problem of partProblems(dir, parts)) throw problem;
  const read = (device: SessionDevice) => readExplainableDecoder(parts.decoder.path, undefined, device);
  let decoder = read(wanted.decoder.name);
  const placement = fitOnCard(wanted, () => readable(() => modelMemory(parts, decoder, configs)), card);
  const device = placement.decoder;
  if (device.name !== wanted.decoder.name) decoder = read(device.name);
  for (const problem of fitProblems({ dir, family, configs, parts, decoder: decoder.structure }))
    throw problem;
  const memoryCheck = openMemoryCheck({ dir, parts, decoder, configs }, machine);
  memoryCheck.beforeLoading();
  const processor = await openProcessor(dir, family, configs);
  const token = family.imageToken?.(configs, processor) ?? imageToken(configs, processor);
  const cutter = cacheCutter(device.name);
  const lastAnswer = new LastAnswer(cutter.cut);
  const sessions = await openSessions({ dir, family, configs, parts, decoder, placement });
  return {
    dir,
    name: modelName(dir),
    family,
    configs,
    parts,
    device,
    decoder,
    processor,
    imageToken: token,
    placeholder: family.placeholder?.(token, processor) ?? token.text,
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

/** The processor of a model folder, with sizes and settings as Python reads them. */
export async function openProcessor(dir: string, family: Family, configs: ModelConfigs): Promise<Processor> {
  const processor = await (family.openProcessor?.(dir) ?? AutoProcessor.from_pretrained(dir));
  usePythonSizes(processor.image_processor as Parameters<typeof usePythonSizes>[0]);
  family.adjustProcessor?.(processor.config as Record<string, unknown>, configs);
  return processor;
}

/** Opens all parts but the decoder now, each kind of decoder when it is first asked for. */
async function openSessions({
  dir,
  family,
  configs,
  parts,
  decoder,
  placement,
}: Pick<LoadedVlm, "dir" | "family" | "configs" | "parts" | "decoder" | "placement">): Promise<
  Pick<LoadedVlm, "placement" | "plain" | "tapped" | "dispose">
> {
  const device = placement.decoder;
  const { dtype } = parts.decoder;
  const generation = new GenerationConfig(readModelJson(dir, "generation_config.json", true) as never);
  const others = parts.all.filter(({ role }) => role !== "decoder");
  const config = await AutoConfig.from_pretrained(dir, {
    config: (family.adjustConfig?.(configs) ?? null) as never,
  });
  const { sessions, placement: settled } = await openParts(others, placement);
  const opened: { release(): Promise<void> }[] = [...sessions];
  const named = others.map((part, i) => [part.session, sessions[i]] as const);
  const modelAround = (session: DecoderSession) => {
    opened.push(session);
    const all = { ...Object.fromEntries(named), [parts.decoder.session]: session };
    const model = new family.modelClass(config, all, { generation_config: generation });
    family.adjustModel?.(model);
    explainMismatch(model);
    return model;
  };
  return {
    placement: settled,
    plain: once(async () => {
      return modelAround(await openDecoder(decoder.plain, decoder, dtype, device));
    }),
    tapped: once(async () => {
      const session = await openDecoder(decoder.tapped, decoder, dtype, device);
      const gradient = await openGradient(decoder, device).catch(async (error: unknown) => {
        await session.release();
        throw error;
      });
      opened.push(gradient);
      return Object.assign(modelAround(session), { gradient });
    }),
    dispose: async () => {
      await Promise.all(opened.map((session) => session.release()));
    },
  };
}

/** Makes something when it is first asked for; after a failure, as for lack of memory, the next call tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  const fail = (error: unknown): never => {
    made = undefined;
    throw error;
  };
  return () => (made ??= make().catch(fail));
}

/** The image token that config.json names; throws `model-config-damaged` when it names none. */
export function imageToken(configs: ModelConfigs, processor: Processor): LoadedVlm["imageToken"] {
  const id = Number(configs.config["image_token_index"] ?? configs.config["image_token_id"]);
  if (Number.isInteger(id)) {
    const given = configs.processor["image_token"];
    const text =
      typeof given === "string" ? given : processor.tokenizer?.decode([id], { skip_special_tokens: false });
    if (text) return { id, text };
  }
  throw new DexarError(
    "model-config-damaged",
    "config.json does not say which token stands for the image (image_token_index).",
    "Take config.json from the model's page.",
  );
}
