/** Options of the command line that do what the next step of an error says, by the error's code. */
const HINTS: Readonly<Record<string, string>> = {
  "bad-prompt": "--raw-prompt",
  "bad-target": "--target-ids",
  "device-check-failed": "--device cpu",
  "device-not-available": "--device cpu",
  "dtype-not-found": "--dtype",
  "licence-not-accepted": "--accept-licence",
  "no-chat-template": "--raw-prompt --prompt TEXT",
  "no-gradient": "explain without --no-gradient",
  "not-enough-memory": "--dtype",
  "out-of-memory": "--dtype q4",
  "prompt-too-long": "--max-new-tokens",
};

/** The hint in brackets, with a space before it; nothing where there is none. */
export function flagHint(code: string): string {
  const hint = HINTS[code];
  return hint === undefined ? "" : ` (${hint})`;
}
