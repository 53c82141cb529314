import { modelName } from "../../core/modelName.js";
import { DexarError } from "../../core/errors.js";
import type { ModelMemory } from "../../core/memory/types.js";
import type { ModelConfigs } from "../families/family.js";
import type { ExplainableDecoder } from "../model/explainableDecoder.js";
import { partsOfFamily } from "../families/index.js";
import { chooseParts, dtypesOf, type PartFiles } from "../model/modelFiles.js";
import { MemoryCheck, type SizedModel } from "./memoryCheck.js";
import type { ReadMachineMemory } from "./machineMemory.js";
import { modelMemory, modelMemoryOnPaper } from "./modelMemory.js";

/** A model folder of which configuration and decoder have been read. */
interface ReadModel {
  readonly dir: string;
  readonly parts: PartFiles;
  readonly decoder: ExplainableDecoder;
  readonly configs: ModelConfigs;
}

/** The check of a model that is about to be loaded. */
export function openMemoryCheck(model: ReadModel, read: ReadMachineMemory): MemoryCheck {
  const { dir, parts, decoder, configs } = model;
  const { dtype, file } = parts.decoder;
  const memory = readable(() => modelMemory(parts, decoder, configs));
  const others = () =>
    dtypesOf(dir, file)
      .filter((other) => other !== dtype)
      .map((other) => sized(dir, other, configs));
  return new MemoryCheck({ name: modelName(dir), dtype, memory, others }, read);
}

/** A model folder in one of its weight types, as its graphs describe it; the weights may be missing. */
export function sized(dir: string, dtype: string, configs: ModelConfigs | null): SizedModel {
  const memory = () => modelMemoryOnPaper(chooseParts(dir, partsOfFamily(configs), dtype), configs);
  return { dtype, memory: readable(memory) };
}

/** Null where a file is damaged or unknown: whoever loads or inspects the model says so. */
export function readable(read: () => ModelMemory): ModelMemory | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof DexarError) return null;
    throw error;
  }
}
