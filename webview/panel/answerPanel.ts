import { formatNumber, formatProbability } from "../../src/core/run/formatNumber.js";
import { keptHeads, textWinReason } from "../../src/core/run/textWinner.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { drawTokenStream, type TokenStreamData } from "../charts/tokenStream.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { presentSubject, type Store } from "./store.js";

/** The answer as chips, and the numbers of the token looked at. */
export function drawAnswerPanel(store: Store): HTMLElement {
  const stream = drawTokenStream(streamData(store), {
    select: (selected) => store.set({ selected, previewed: undefined }),
    preview: (previewed) => store.set({ previewed }),
  });
  const facts = element("div.token-facts");
  const draw = (): void => facts.replaceChildren(...describeToken(store));
  store.listen((changed) => {
    if (changed.has("attribution")) stream.update(streamData(store));
    if (changed.has("selected")) stream.mark(store.state.selected);
    draw();
  });
  stream.mark(store.state.selected);
  draw();
  const root = panel("Answer", [], stream.root, facts);
  root.classList.add("answer");
  return root;
}

function streamData({ data, state }: Store): TokenStreamData {
  const { tokens } = data.info;
  const reasons = tokens.map((_, index) => textWinReason(data.info, state.attribution, index));
  return { tokens, tokenWeight: state.attribution.tokenWeight, reasons };
}

function describeToken(store: Store): Node[] {
  const { info } = store.data;
  const { attribution, settings } = store.state;
  const { token: index } = presentSubject(store).subject;
  const token = index === null ? undefined : info.tokens[index];
  if (index === null || !token) return [element("span.note", {}, describeAnswer(store))];
  const { kept, total } = keptHeads({ ...info, settings }, attribution, index);
  const others = token.alternatives.filter((other) => other.id !== token.id).slice(0, 3);
  const facts = [
    fact("probability", formatProbability(token.logprob)),
    fact("delta", formatNumber(attribution.tokenWeight[index] ?? 0)),
    fact("heads kept", `${kept} of ${total}`),
  ];
  if (others.length > 0) {
    const list = others
      .map((other) => `${tokenLabel(other.text)} ${formatProbability(other.logprob)}`)
      .join(", ");
    facts.push(fact("instead of", list));
  }
  const reason = textWinReason(info, attribution, index);
  if (reason) facts.push(element("span.note.why", {}, `delta 0, ${reason}`));
  if (token.stop)
    facts.push(element("span.note.why", {}, "End of the answer: not part of the whole-answer map."));
  return facts;
}

function describeAnswer(store: Store): string {
  const { info } = store.data;
  const visual = info.tokens.filter(
    (token, index) => !token.stop && (store.state.attribution.tokenWeight[index] ?? 0) > 0,
  );
  const words = info.tokens.filter((token) => !token.stop).length;
  if (visual.length === 0)
    return "No token has delta > 0: this answer did not use the picture, by this measure.";
  return `${visual.length} of ${words} tokens have delta > 0 and make up this map. Pick a token for its own map.`;
}

function fact(name: string, value: string): HTMLElement {
  return element("span.note", {}, `${name} `, element("strong", {}, value));
}
