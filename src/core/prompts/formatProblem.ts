import { PROMPT_KEYS } from "./promptKeys.js";
import type { PromptProblem } from "./types.js";

/** What is wrong with a prompt file, and what to do, in English. */
export function formatProblem(problem: PromptProblem): { message: string; nextStep: string } {
  switch (problem.code) {
    case "broken-yaml":
      return {
        message: `The front matter cannot be read: ${problem.detail}`,
        nextStep: "Write one `key: value` a line; put quotes around values with special characters.",
      };
    case "front-matter-not-closed":
      return {
        message: "The front matter that this line opens is not closed.",
        nextStep: "Add a line `---` after the last key.",
      };
    case "not-a-mapping":
      return {
        message: "The front matter is not a list of `key: value` lines.",
        nextStep: "Write a key, a colon, a space and the value: `image: cat.png`.",
      };
    case "unknown-key":
      return {
        message: `There is no key "${problem.key}".`,
        nextStep: didYouMean(problem.suggestion, `Use ${PROMPT_KEYS.map(({ name }) => name).join(", ")}.`),
      };
    case "duplicate-key":
      return { message: `The key "${problem.key}" is given twice.`, nextStep: "Keep one of them." };
    case "wrong-value":
      return { message: `"${problem.key}" must be ${problem.expected}.`, nextStep: "Change the value." };
    case "unknown-choice":
      return {
        message: `"${problem.key}" must be one of ${problem.choices.join(", ")}.`,
        nextStep: didYouMean(problem.suggestion, "Take one of these."),
      };
    case "image-and-images":
      return { message: "Both `image` and `images` are given.", nextStep: "Put all paths under `images`." };
    case "empty-prompt":
      return {
        message: "The prompt is empty.",
        nextStep: "Write a question or an instruction for the model below the front matter.",
      };
  }
}

function didYouMean(suggestion: string | null, otherwise: string): string {
  return suggestion === null ? otherwise : `Did you mean "${suggestion}"?`;
}
