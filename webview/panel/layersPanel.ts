import * as l10n from "@vscode/l10n";
import { ownLayers } from "../../src/core/run/ownLayers.js";
import { drawLayerBars, type LayerBarsChart } from "../charts/drawLayerBars.js";
import { describeLayer, layerAt, layoutLayerBars, type LayerBarsLayout } from "../charts/layerBars.js";
import { layerTable } from "../charts/layerTable.js";
import { button } from "../components/button.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { drawInFrame } from "./drawing.js";
import { canChangeFilter, whyFixed } from "./canChangeFilter.js";
import { layerParts } from "./layerParts.js";
import { LayerChoice } from "./layerChoice.js";
import { presentSubject, type Changed, type Store } from "./store.js";

const REDRAWN_BY = ["data", "attribution", "settings", "selected", "previewed", "whatIf"] as const;

/** Columns: how much of the present map each layer gives, and image against text; click or drag limits the layers. */
export function drawLayersPanel(store: Store): HTMLElement {
  const frame = element("div.layer-focus", { attributes: { tabindex: 0 } });
  const readout = element("p.readout");
  const legend = element("div.legend");
  const note = element("p.note");
  const table = element("div.table-scroll", { attributes: { tabindex: 0 } });
  const details = element("details", {}, element("summary", {}, l10n.t("As a table")), table);
  const reset = button(l10n.t("All layers"), {}, () => choice.reset());
  let chart: LayerBarsChart | null = null;
  let layout: LayerBarsLayout | null = null;
  const choice = new LayerChoice(store, (range, cursor) => {
    chart?.band(range);
    chart?.point(cursor);
    frame.toggleAttribute("data-choosing", range !== null);
    if (cursor === null) frame.removeAttribute("aria-activedescendant");
    else frame.setAttribute("aria-activedescendant", `layer-${cursor}`);
    readout.textContent = describe(store, range, cursor);
  });
  const draw = (width: number): void => {
    const parts = layerParts(presentSubject(store).subject);
    layout = layoutLayerBars(parts, Math.max(150, width));
    chart = drawLayerBars(layout, "layer");
    frame.replaceChildren(chart.root);
    legend.replaceChildren(...drawLegend(layout.shareBase !== null));
    setRole(frame, store);
    choice.show();
    reset.hidden = choice.isAll();
    note.textContent = [hybridNote(store), whyFixed(store)].filter((part) => part !== null).join(" ");
    note.hidden = note.textContent === "";
    if (details.open) table.replaceChildren(layerTable(parts));
  };
  const redraw = drawInFrame(frame, draw);
  details.addEventListener("toggle", redraw);
  store.listen((changed: Changed) => {
    if (REDRAWN_BY.some((name) => changed.has(name))) redraw();
  });
  listenToPointer(frame, choice, () => layout);
  frame.addEventListener("keydown", (event) => {
    if (choice.key(event.key, event.shiftKey)) event.preventDefault();
  });
  frame.addEventListener("blur", () => choice.point(null));
  const root = panel(l10n.t("Layers"), [reset], frame, readout, note, legend, details);
  root.classList.add("layers");
  root.classList.toggle("wide", store.data.info.model.layers > 10);
  return root;
}

/** Which layers of the model are explained, where not all of them attend. */
function hybridNote({ data }: Store): string | null {
  const { model } = data.info;
  const own = ownLayers(model, [0, model.layers]);
  return (
    own && l10n.t("L0 to L{0} are the layers with attention, the model's layers {1}.", model.layers - 1, own)
  );
}

function setRole(frame: HTMLElement, store: Store): void {
  const label = l10n.t(
    "Layers of the heatmap. Arrow keys move, Shift and arrow keys extend, Enter limits the heatmap to them, Escape takes all.",
  );
  frame.setAttribute("role", "listbox");
  frame.setAttribute("aria-label", label);
  frame.setAttribute("aria-multiselectable", "true");
  frame.setAttribute("aria-disabled", String(!canChangeFilter(store)));
}

function listenToPointer(
  frame: HTMLElement,
  choice: LayerChoice,
  layout: () => LayerBarsLayout | null,
): void {
  const under = (event: PointerEvent): number | null => {
    const present = layout();
    const box = frame.firstElementChild?.getBoundingClientRect();
    return present && box ? layerAt(present, ((event.clientX - box.left) * present.width) / box.width) : null;
  };
  let pressed = false;
  frame.addEventListener("pointerdown", (event) => {
    const layer = under(event);
    if (layer === null || event.button !== 0) return;
    frame.setPointerCapture(event.pointerId);
    pressed = true;
    choice.begin(layer);
  });
  frame.addEventListener("pointermove", (event) => choice.point(under(event)));
  frame.addEventListener("pointerup", () => {
    if (pressed) choice.apply();
    pressed = false;
  });
  frame.addEventListener("pointercancel", () => {
    pressed = false;
    choice.drop();
  });
  frame.addEventListener("pointerleave", () => choice.point(null));
}

/** The layer looked at, the range being chosen, or the range in force. */
function describe(store: Store, range: readonly [number, number] | null, cursor: number | null): string {
  if (range && range[0] !== range[1])
    return l10n.t("Layers L{0} to L{1}", Math.min(...range), Math.max(...range));
  const part = cursor === null ? undefined : layerParts(presentSubject(store).subject)[cursor];
  if (part) return describeLayer(part);
  const [from, to] = store.state.settings.layers;
  const { layers } = store.data.info.model;
  if (to - from === layers) return l10n.t("All {0} layers make up the heatmap.", layers);
  if (to - from === 1) return l10n.t("The heatmap is limited to L{0} of {1} layers.", from, layers);
  return l10n.t("The heatmap is limited to L{0} to L{1} of {2} layers.", from, to - 1, layers);
}

function drawLegend(shares: boolean): Node[] {
  const key = (name: string, text: string, title: string): HTMLElement =>
    element("span.key", { attributes: { title } }, element(`span.swatch.${name}`), text);
  const share = l10n.t("The layer's part of the sum of w · G over the picture");
  return [
    ...(shares ? [key("share", l10n.t("share of the map"), share)] : []),
    key("image", l10n.t("best S_img"), l10n.t("The largest image score among the layer's heads")),
    key("text", l10n.t("best S_text"), l10n.t("The largest text score among the layer's heads")),
  ];
}
