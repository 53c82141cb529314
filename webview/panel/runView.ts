import * as l10n from "@vscode/l10n";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { PictureBytes } from "../../src/protocol/panel.js";
import { element } from "../components/element.js";
import { drawAnswerPanel } from "./answerPanel.js";
import { drawFilterPanel } from "./filterPanel.js";
import { drawHeadsPanel } from "./headsPanel.js";
import { drawLayersPanel } from "./layersPanel.js";
import { drawInspector } from "./layout.js";
import { drawPicturePanel } from "./picturePanel.js";
import { drawPromptPanel } from "./promptPanel.js";
import { createStore, type PageChange, type Store } from "./store.js";
import type { AskAlternative } from "./whatIf.js";

/** A run on the page. */
export interface RunView {
  readonly store: Store;
  readonly picture: HTMLImageElement;
  /** The picture's file, where its address is none that can be kept. */
  readonly file?: PictureBytes;
  readonly parts: readonly Node[];
}

/**
 * Opens a run: its store and everything drawn of it.
 * @param address of the picture, `data:` or `blob:`
 * @param start what a person had chosen before
 * @param ask explains other tokens; null where there is no model to ask
 */
export async function openRunView(
  data: ReportData,
  address: string,
  start: PageChange,
  ask: AskAlternative | null,
): Promise<RunView> {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const store = createStore(data, start);
  return { store, picture, parts: drawParts(store, picture, ask) };
}

function drawParts(store: Store, picture: HTMLImageElement, ask: AskAlternative | null): Node[] {
  return [
    element("div.picture", {}, drawPicturePanel(store, picture), drawAnswerPanel(store, ask)),
    drawInspector(store, [
      { id: "layers", text: l10n.t("Layers"), content: drawLayersPanel(store) },
      { id: "heads", text: l10n.t("Heads"), content: drawHeadsPanel(store) },
      { id: "filter", text: l10n.t("Filter"), content: drawFilterPanel(store) },
      { id: "prompt", text: l10n.t("Prompt"), content: drawPromptPanel(store) },
    ]),
  ];
}
