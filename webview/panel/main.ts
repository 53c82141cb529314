import { unpackArrays } from "../../src/core/run/packArrays.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import { element } from "../components/element.js";
import { drawAnswerPanel } from "./answerPanel.js";
import { drawFilterPanel } from "./filterPanel.js";
import { drawHeader } from "./header.js";
import { drawHeadsPanel } from "./headsPanel.js";
import { drawLayersPanel } from "./layersPanel.js";
import { drawPicturePanel } from "./picturePanel.js";
import { createStore } from "./store.js";

/** Builds the report page from the run embedded in the document. */
async function main(): Promise<void> {
  const text = document.getElementById("run")?.textContent;
  if (!text) throw new Error("the page has no run inside");
  const data = unpackArrays(text) as ReportData;
  const picture = new Image();
  picture.src = data.picture;
  await picture.decode();
  const store = createStore(data);
  const pictureSide = element("div.picture", {}, drawPicturePanel(store, picture), drawAnswerPanel(store));
  const inspector = element(
    "div.inspector",
    {},
    drawLayersPanel(store),
    drawHeadsPanel(store),
    drawFilterPanel(store),
  );
  document.body.replaceChildren(element("main.report", {}, drawHeader(data.info), pictureSide, inspector));
}

void main();
