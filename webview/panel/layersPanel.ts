import { drawLayerBars, layerTable, layoutLayerBars } from "../charts/layerBars.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { layerParts } from "./selection.js";
import { presentSubject, type Store } from "./store.js";

/** Columns: how much of the present map each layer gives; the same as a table. */
export function drawLayersPanel(store: Store): HTMLElement {
  const chart = element("div");
  const table = element("div.table-scroll", { attributes: { tabindex: 0 } });
  const details = element("details", {}, element("summary", {}, "As a table"), table);
  const draw = (): void => {
    const parts = layerParts(presentSubject(store).subject);
    const known = store.state.attribution.layerShare !== undefined;
    const note = element("p.note", {}, "Layer shares need the gradient, which this run does not have.");
    chart.replaceChildren(
      known ? drawLayerBars(layoutLayerBars(parts, Math.max(120, chart.clientWidth))) : note,
    );
    details.hidden = !known;
    if (details.open) table.replaceChildren(layerTable(parts));
  };
  details.addEventListener("toggle", draw);
  store.listen(draw);
  new ResizeObserver(draw).observe(chart);
  const root = panel("Layers", [element("span.note", {}, "share of the map")], chart, details);
  root.classList.toggle("wide", store.data.info.model.layers > 10);
  return root;
}
