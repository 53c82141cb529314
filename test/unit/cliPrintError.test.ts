import { expect, it } from "vitest";
import { printError } from "../../src/cli/printError.js";
import { DexarError } from "../../src/core/errors.js";

/** What a command prints on stderr for an error. */
function printed(error: DexarError): string {
  let text = "";
  const stream = { write: (chunk: string) => void (text += chunk), isTTY: false, columns: 80 };
  const io = { stdout: stream, stderr: stream, env: {}, onInterrupt: () => () => {}, exitNow: () => {} };
  printError(io, error, { json: false });
  return text;
}

it("adds the option that does what the next step says", () => {
  expect(printed(new DexarError("prompt-too-long", "Too long.", "Shorten the prompt."))).toBe(
    "error: Too long.\n  try: Shorten the prompt. (--max-new-tokens)\n",
  );
});

it("adds nothing where there is no such option", () => {
  expect(printed(new DexarError("image-empty", "Empty.", "Give another."))).toBe(
    "error: Empty.\n  try: Give another.\n",
  );
});
