import type { AnswerSummary } from "../../src/core/run/answerSummary.js";
import { layoutTokenStream, type TokenChip } from "../charts/tokenStream.js";
import { element } from "../components/element.js";

/** The answer as running text, each token tinted by its delta; hover says its numbers. */
export function drawAnswer({ tokens, tokenWeight, reasons }: AnswerSummary): HTMLElement {
  const chips = layoutTokenStream({ tokens, tokenWeight, reasons, explained: tokens.length });
  // End tokens are no words of the answer.
  const words = chips.filter(({ special }) => !special);
  const parts = words.flatMap((word) => {
    const [before = "", after = ""] = word.text.split(/\S(?:[^]*\S)?/);
    return [before, drawWord(word), after];
  });
  // The answer begins with its first word.
  return element("p.answer-text", {}, ...parts.slice(1));
}

/** The word of a token without the blanks around it. */
function drawWord(chip: TokenChip): HTMLElement {
  const word = element("span.token", { attributes: { title: chip.description } }, chip.text.trim());
  word.style.setProperty("--tint", chip.tint.toFixed(3));
  word.classList.toggle("hollow", chip.hollow);
  return word;
}
