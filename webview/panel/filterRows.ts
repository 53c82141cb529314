import { positionLabel } from "../../src/core/run/textWinner.js";
import type { FilterRow } from "../charts/headDecision.js";
import { forcedHeads, headCount, tokensOf, type HeadPlace, type Subject } from "./selection.js";

/** The filter's decisions, one row per head of the layer range. */
export function filterRows(subject: Subject): FilterRow[] {
  const { heads } = subject.data.info.model;
  const [from, to] = subject.settings.layers;
  const tokens = tokensOf(subject);
  const forced = forcedHeads(subject);
  return Array.from({ length: (to - from) * heads }, (_, offset) =>
    makeRow(subject, tokens, from * heads + offset, forced[from * heads + offset] ?? null),
  );
}

/** The filter's decision about one head. */
export function filterRow(subject: Subject, { layer, head }: HeadPlace): FilterRow {
  const index = layer * subject.data.info.model.heads + head;
  return makeRow(subject, tokensOf(subject), index, forcedHeads(subject)[index] ?? null);
}

function makeRow(
  subject: Subject,
  tokens: readonly number[],
  index: number,
  forced: FilterRow["forced"],
): FilterRow {
  const { data, attribution, settings, token } = subject;
  const { heads } = data.info.model;
  const size = headCount(subject);
  const layer = Math.floor(index / heads);
  let [image, text, weight, keptTokens] = [0, 0, 0, 0];
  for (const each of tokens) {
    const cell = each * size + index;
    image += attribution.scoreImage[cell] ?? 0;
    text += attribution.scoreText[cell] ?? 0;
    weight += attribution.headWeight[cell] ?? 0;
    if ((attribution.headWeight[cell] ?? 0) > 0) keptTokens++;
  }
  const count = tokens.length || 1;
  const position = token === null ? -1 : (attribution.textWinner?.[token * size + index] ?? -1);
  return {
    ...{ layer, head: index % heads, image: image / count, text: text / count, weight: weight / count },
    winner: position < 0 ? null : { position, label: positionLabel(data.info, position) },
    ...{ keptTokens, tokens: tokens.length, whole: token === null, forced },
    inRange: layer >= settings.layers[0] && layer < settings.layers[1],
  };
}

/** Whether each head's text score was won at a position, in any of the subject's tokens [L * H]. */
export function headsWonBy(subject: Subject, position: number): boolean[] {
  const size = headCount(subject);
  const { textWinner } = subject.attribution;
  const won = new Array<boolean>(size).fill(false);
  for (const token of tokensOf(subject))
    for (let index = 0; index < size; index++)
      if (textWinner?.[token * size + index] === position) won[index] = true;
  return won;
}
