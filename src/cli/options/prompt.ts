import { readFile } from "node:fs/promises";
import { UsageError } from "../usageError.js";

/** The question when none is given, as the bundled model was taught it. */
export const DEFAULT_PROMPT = "describe the picture.";

/**
 * The prompt from --prompt or --prompt-file (UTF-8; the newline that ends the file is not part of it).
 * @throws UsageError `empty-prompt`, `prompt-file-not-readable` or `prompt-file-not-text`
 */
export async function readPrompt(options: { prompt?: string; promptFile?: string }): Promise<string> {
  const { prompt, promptFile } = options;
  const text = promptFile === undefined ? (prompt ?? DEFAULT_PROMPT) : await readPromptFile(promptFile);
  if (text.trim() !== "") return text;
  const where = promptFile === undefined ? "The prompt is empty." : `The prompt file is empty: ${promptFile}`;
  throw new UsageError("empty-prompt", where, "Write a question or an instruction for the model.");
}

async function readPromptFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code ?? error.message})`;
    throw new UsageError(
      "prompt-file-not-readable",
      `The prompt file ${why}: ${path}`,
      "Check the path of --prompt-file.",
    );
  });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    throw new UsageError(
      "prompt-file-not-text",
      `The prompt file is not UTF-8 text: ${path}`,
      "Save it as UTF-8.",
    );
  }
}
