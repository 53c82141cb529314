import type { ReusedPrefix } from "./lastAnswer.js";
import type { ModelInputs } from "./prompt.js";

/** A prompt's inputs where the cache already holds its beginning, picture and all: no pixels, but where they lay. */
export function afterPicture(
  { inputs }: ModelInputs,
  { past }: Pick<ReusedPrefix, "past">,
): Record<string, unknown> {
  const rest = Object.entries(inputs).filter(([name]) => !name.startsWith("pixel_"));
  return { ...Object.fromEntries(rest), past_key_values: past };
}
