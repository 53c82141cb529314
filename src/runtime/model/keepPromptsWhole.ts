import type { Family } from "../families/family.js";
import { DEVICE_TITLES } from "../session/device.js";
import { movedToCpu, type Placement } from "../session/placement.js";

/**
 * Moves the decoder to the CPU where its device only computes long prompts rightly in pieces, and the prompt attends to
 * all of itself: pieces would not see what comes after them. A prompt that an encoder reads does not go to the decoder.
 */
export function keepPromptsWhole({ promptIsCausal, parts }: Family, placement: Placement): Placement {
  const { name, piece } = placement.decoder;
  const hasEncoder = parts?.some(({ role }) => role === "encoder") === true;
  if (promptIsCausal !== false || hasEncoder || piece === null) return placement;
  const notice = `The decoder runs on the CPU: ${DEVICE_TITLES[name]} here computes long prompts rightly only in pieces, and a prompt of this model cannot be cut.`;
  return movedToCpu(placement, ["decoder"], notice);
}
