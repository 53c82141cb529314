import { unpackArrays } from "../../src/core/run/packArrays.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import "../../webview/components/toolkit.js";
import { drawFilterPanel } from "../../webview/panel/filterPanel.js";
import { drawHeadsPanel } from "../../webview/panel/headsPanel.js";
import { drawLayersPanel } from "../../webview/panel/layersPanel.js";
import { drawPromptPanel } from "../../webview/panel/promptPanel.js";
import { createStore, type Store } from "../../webview/panel/store.js";

declare global {
  interface Window {
    store: Store;
    /** Puts the run in the place of the present one, without its gradient. */
    dropGradient: () => void;
  }
}

// The inspector's four parts alone, on the run inside the page; tests read and set the store.
const data = unpackArrays(document.getElementById("run")?.textContent ?? "") as ReportData;
const store = createStore(data);
window.store = store;
window.dropGradient = () => {
  const { headWeight, scoreImage, scoreText, tokenWeight, ...others } = store.data.attribution;
  const { tokenHeatmap, tokenHeatmapUnfiltered, sequenceHeatmap, sequenceHeatmapUnfiltered } = others;
  const maps = { tokenHeatmap, tokenHeatmapUnfiltered, sequenceHeatmap, sequenceHeatmapUnfiltered };
  const attribution = { headWeight, scoreImage, scoreText, tokenWeight, ...maps };
  const arrays = { ...store.data.arrays, gradient: null, gradientReferenceLast: null };
  store.update({ ...store.data, arrays, attribution });
};
document.body.append(
  drawLayersPanel(store),
  drawHeadsPanel(store),
  drawFilterPanel(store),
  drawPromptPanel(store),
);
