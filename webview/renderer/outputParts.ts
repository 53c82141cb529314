import * as l10n from "@vscode/l10n";
import { element } from "../components/element.js";
import { segments } from "../components/segments.js";
import { drawHeadsPanel } from "../panel/headsPanel.js";
import { drawLayersPanel } from "../panel/layersPanel.js";
import { drawPromptPanel } from "../panel/promptPanel.js";
import type { InspectorTab, Store } from "../panel/store.js";

/** The filter's table is left to the panel: here nothing of it could be changed. */
type OutputPart = Exclude<InspectorTab, "filter">;

/** Layers, heads and prompt words, one of them at a time; each is made when it is first looked at. */
export function drawOutputParts(store: Store): HTMLElement {
  const makers: Readonly<Record<OutputPart, () => HTMLElement>> = {
    layers: () => drawLayersPanel(store),
    heads: () => drawHeadsPanel(store),
    prompt: () => drawPromptPanel(store),
  };
  const made = new Map<OutputPart, HTMLElement>();
  const room = element("div.part");
  const show = (part: OutputPart): void => {
    const content = made.get(part) ?? makers[part]();
    made.set(part, content);
    room.replaceChildren(content);
  };
  const choices: { value: OutputPart; text: string }[] = [
    { value: "layers", text: l10n.t("Layers") },
    { value: "heads", text: l10n.t("Heads") },
    { value: "prompt", text: l10n.t("Prompt") },
  ];
  const start = partOf(store.state.tab);
  const row = segments<OutputPart>(l10n.t("Inspector"), choices, start, (tab) => store.set({ tab }));
  store.listen((changed) => {
    const { tab } = store.state;
    if (!changed.has("tab") || tab === "filter") return;
    row.set(tab);
    show(tab);
  });
  show(start);
  return element("div", {}, row.root, room);
}

function partOf(tab: InspectorTab): OutputPart {
  return tab === "filter" ? "layers" : tab;
}
