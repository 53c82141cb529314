import type { RunInfo } from "./types.js";

/** The answer as a reader sees it: the tokens' text without the end token. */
export function answerText(info: Pick<RunInfo, "tokens">): string {
  return info.tokens
    .filter((token) => !token.stop)
    .map((token) => token.text)
    .join("")
    .trim();
}
