import { DexarError } from "../../core/errors.js";
import { languageConfig } from "../model/languageConfig.js";
import type { LoadedVlm } from "../model/loadModel.js";

/**
 * GroupQueryAttention says how far it looks back. Other operators do not, so a window that the config names
 * and the text outgrows is refused (`unsupported-window`): positions outside it would get gradients they must not have.
 */
export function checkWindow(vlm: LoadedVlm, positions: number): void {
  const { sliding_window: window, use_sliding_window: isUsed } = languageConfig(vlm.configs.config);
  const isKnown = vlm.decoder.structure.layers.every(({ attention }) => attention.saysWindow);
  if (isKnown || isUsed === false || typeof window !== "number" || positions <= window) return;
  throw new DexarError(
    "unsupported-window",
    `The decoder attends to ${window} positions (sliding_window), and prompt and answer take ${positions}; in a graph without GroupQueryAttention the window is not recognised yet.`,
    `Keep prompt and answer within ${window} positions, or use an export with GroupQueryAttention.`,
  );
}
