import * as l10n from "@vscode/l10n";
import { answerText } from "../../src/core/run/answerText.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { RunInfo } from "../../src/core/run/types.js";
import type { PanelPreferences } from "../../src/protocol/panel.js";
import { element } from "../components/element.js";
import { drawAnswerPanel } from "../panel/answerPanel.js";
import { drawNotes, runNotes } from "../panel/header/runFacts.js";
import { drawPicturePanel } from "../panel/picturePanel.js";
import { createStore, type PageChange, type Store } from "../panel/store.js";
import type { ExtensionLink } from "./extensionLink.js";
import { drawOutputParts } from "./outputParts.js";
import { drawOutputTools } from "./outputTools.js";

/** CSS pixels that the picture of an output may be high: the page of a notebook is as high as all of it. */
const MOST_HEIGHT = 360;

/** A run drawn in an output. */
export interface OutputView {
  readonly root: HTMLElement;
  readonly store: Store;
  /** Gives back what the canvases and the picture take; nothing is drawn any more. */
  free(): void;
}

/** What an output is made of. */
export interface OutputContent {
  readonly runId: string;
  readonly data: ReportData;
  /** What a person had chosen before. */
  readonly start: PageChange;
  readonly link: ExtensionLink;
  readonly preferences: PanelPreferences | null;
}

/** Draws a run for an output: the picture, its answer, layers, heads and prompt words; parts of the panel. */
export async function openOutputView(content: OutputContent): Promise<OutputView> {
  const { runId, data, start, link, preferences } = content;
  const picture = new Image();
  picture.src = data.picture;
  await picture.decode();
  // The picture's bytes are in the image element now, and need not be kept twice.
  const store = createStore({ ...data, picture: "" }, start);
  const { info } = data;
  const root = element(
    "div.run-output",
    { attributes: { role: "region", "aria-label": l10n.t("Result: {0}", info.image.name) } },
    ...drawOutputTools({ runId, link, preferences, store, picture }, drawFacts(info)),
    element("p.visually-hidden", {}, l10n.t("Answer: {0}", answerText(info))),
    ...drawNotes(runNotes(info)),
    element(
      "div.sides",
      {},
      element("div.picture", {}, drawPicturePanel(store, picture, MOST_HEIGHT)),
      element("div.side", {}, drawAnswerPanel(store, null), drawOutputParts(store)),
    ),
  );
  const free = (): void => {
    for (const canvas of root.querySelectorAll("canvas")) canvas.width = canvas.height = 0;
    picture.removeAttribute("src");
  };
  return { root, store, free };
}

/** Which picture and model, in a line; the question stands in the cell above. */
function drawFacts({ image, model }: RunInfo): HTMLElement {
  return element(
    "div.facts",
    {},
    element("strong", {}, image.name),
    element("span", {}, l10n.t("{0} x {1} pixels", image.width, image.height)),
    element("span", {}, model.name),
    element("span", {}, l10n.t("{0} on {1}", model.dtype, model.device)),
  );
}
