import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import { isCancelled } from "../../core/serializedError.js";

/** What a language model can do about a failure, where the next step for people would not help it. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  "model-process-died":
    "Call the tool once more; if it fails again, tell the user to run the command DEX-AR: Show Log.",
  "not-enough-memory":
    "Tell the user that the model does not fit into memory; a smaller one can be named with model.",
  "out-of-memory":
    "Tell the user that the model does not fit into memory; a smaller one can be named with model.",
  "prompt-too-long": "Call again with a shorter prompt or a smaller max_new_tokens.",
  "model-not-found": "Call again without model, or with one of the names above.",
  internal: "Do not call again with the same input; tell the user what happened.",
};

/** A failure in words for a language model: what is wrong, and what to try. */
export function toolError(error: unknown): Error {
  if (isCancelled(error)) return new vscode.CancellationError();
  const { code, message, nextStep } =
    error instanceof DexarError ? error : new DexarError("internal", String(error), "");
  const plain = withoutContent(message.replace(/; end of its log:\n[^]*$/, "."));
  return new Error(`${plain} ${NEXT_STEPS[code] ?? nextStep} (${code})`, { cause: error });
}

/** Messages about files that are no pictures quote their first words: nothing of them may reach a language model. */
function withoutContent(message: string): string {
  return message.replace(/ \("[^]*"\)/, "");
}
