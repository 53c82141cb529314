import { readFile } from "node:fs/promises";
import { UsageError } from "../usageError.js";

/** The question when none is given, as the bundled model was taught it. */
export const DEFAULT_PROMPT = "describe the picture.";

/**
 * The prompt from --prompt or front matter, or else the whole --prompt-file without the newline that ends it.
 * @throws UsageError `empty-prompt`, `prompt-file-not-readable` or `prompt-file-not-text`
 */
export async function readPrompt(options: { prompt?: string; promptFile?: string }): Promise<string> {
  const { prompt, promptFile } = options;
  const text = prompt ?? (promptFile === undefined ? DEFAULT_PROMPT : await readPlain(promptFile));
  if (text.trim() !== "") return text;
  const where = promptFile === undefined ? "The prompt is empty." : `The prompt file is empty: ${promptFile}`;
  throw new UsageError("empty-prompt", where, "Write a question or an instruction for the model.");
}

async function readPlain(path: string): Promise<string> {
  return (await readTextFile(path)).replace(/\r?\n$/, "");
}

/**
 * The text of the file of --prompt-file, without a byte order mark.
 * @throws UsageError `prompt-file-not-readable` or `prompt-file-not-text`
 */
export async function readTextFile(path: string): Promise<string> {
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
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(
      "prompt-file-not-text",
      `The prompt file is not UTF-8 text: ${path}`,
      "Save it as UTF-8.",
    );
  }
}
