import { bytesText } from "../../core/memory/bytesText.js";
import type { ModelInspection } from "../../protocol/inspection.js";
import type { MachineMemory } from "../memory/machineMemory.js";

/** What to do with an inspected model on this machine, in sentences. */
export function adviceFor(
  { dir, dtypes, problems, memory }: Pick<ModelInspection, "dir" | "dtypes" | "problems" | "memory">,
  explainable: readonly string[],
  { available, own }: MachineMemory,
): string[] {
  const broken = dtypes.filter((dtype) => !explainable.includes(dtype));
  const room = available + own;
  const fitting = memory.dtypes.filter(
    ({ dtype, explain }) => explainable.includes(dtype) && explain.privatePeak <= room,
  );
  const [best] = fitting;
  const advice: string[] = [];
  if (broken.length > 0 && explainable.length > 0) {
    advice.push(
      `Choose the weight type ${explainable.join(" or ")}: the decoder in ${broken.join(" and ")} cannot be explained.`,
    );
  }
  if (best !== undefined) {
    const need = bytesText(best.explain.privatePeak);
    advice.push(
      `In ${best.dtype} an explained answer takes about ${need} of private memory, and ${bytesText(room)} can be had.`,
    );
  } else if (memory.dtypes.length > 0) {
    advice.push(`No weight type of this folder fits into the ${bytesText(room)} of memory that can be had.`);
  }
  if (problems.length === 0) advice.push(`Run it once: dexar models verify ${JSON.stringify(dir)}`);
  return advice;
}
