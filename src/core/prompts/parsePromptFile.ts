import { readFrontMatter } from "./readFrontMatter.js";
import { splitPromptFile } from "./splitPromptFile.js";
import type { PromptFile, PromptProblem } from "./types.js";

/** Reads a prompt file or the text of a prompt cell; never throws, what is wrong is in `problems`. */
export function parsePromptFile(text: string): PromptFile {
  const { frontMatter, notClosed, body } = splitPromptFile(text);
  const read = frontMatter === null ? { fields: {}, problems: [] } : readFrontMatter(text, frontMatter);
  const prompt = text.slice(...body).replace(/\r\n?/g, "\n");
  const problems: PromptProblem[] = [...read.problems];
  if (notClosed !== null)
    problems.unshift({ severity: "error", code: "front-matter-not-closed", span: notClosed });
  if (prompt === "") problems.push({ severity: "error", code: "empty-prompt", span: body });
  return { prompt, promptSpan: body, frontMatter, fields: read.fields, problems };
}
