import { DexarError } from "../../core/errors.js";
import { bytesText } from "../../core/memory/bytesText.js";
import { estimateMemory } from "../../core/memory/estimateMemory.js";
import type { ModelMemory } from "../../core/memory/types.js";
import { readMachineMemory, type ReadMachineMemory } from "../../runtime/memory/machineMemory.js";
import type { MeasuredAnswer } from "../report/keptRows.js";

/** What the benchmark takes of private memory: an explained answer, and the model twice more, by us and by the peer. */
export function benchBytes(model: ModelMemory, answer: MeasuredAnswer): number {
  const { privatePeak } = estimateMemory(model, { ...answer, captureEvery: 16, forced: false });
  return privatePeak + 2 * model.weights.decoder.private;
}

/**
 * Makes sure that the modes fit into memory, all loaded at once as they are to be compared.
 * @throws DexarError `not-enough-memory`
 */
export function checkMemory(
  name: string,
  model: ModelMemory,
  answer: MeasuredAnswer,
  read: ReadMachineMemory = readMachineMemory,
): void {
  const [bytes, { available }] = [benchBytes(model, answer), read()];
  if (bytes <= available) return;
  throw new DexarError(
    "not-enough-memory",
    `Measuring ${name} takes about ${bytesText(bytes)} of memory, and ${bytesText(available)} can be had: what is compared is loaded at the same time.`,
    "Close other programs, or choose a smaller --shape, a smaller --dtype or fewer --image-tokens.",
  );
}
