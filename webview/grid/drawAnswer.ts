import type { AnswerSummary } from "../../src/core/run/answerSummary.js";
import { layoutTokenStream, type TokenChip } from "../charts/tokenStream.js";
import { element } from "../components/element.js";

/** The answer as running text, each token tinted by its delta; hover says its numbers. */
export function drawAnswer({ tokens, tokenWeight, reasons }: AnswerSummary): HTMLElement {
  const chips = layoutTokenStream({ tokens, tokenWeight, reasons, explained: tokens.length });
  // End tokens are no words of the answer.
  const words = chips.filter(({ special }) => !special);
  return element("p.answer-text", {}, ...words.map((word, index) => drawWord(word, index === 0)));
}

function drawWord(chip: TokenChip, isFirst: boolean): HTMLElement {
  const text = isFirst ? chip.text.trimStart() : chip.text;
  const word = element("span.token", { attributes: { title: chip.description } }, text);
  word.style.setProperty("--tint", chip.tint.toFixed(3));
  word.classList.toggle("hollow", chip.hollow);
  return word;
}
