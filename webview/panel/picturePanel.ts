import * as l10n from "@vscode/l10n";
import { drawnValues } from "../../src/core/heatmap/drawnValues.js";
import { layoutColourBar } from "../../src/core/heatmap/colourBar.js";
import { mapRegion } from "../../src/core/run/mapRegion.js";
import { drawColourBar } from "../charts/drawColourBar.js";
import { element } from "../components/element.js";
import { cellNamer, describeCell } from "./cellReadout.js";
import { drawImageView, touches, type ImageView } from "./imageView.js";
import { mapColours } from "../../src/core/heatmap/mapColours.js";
import { colourScale } from "./mapLayer.js";
import { drawPictureTools, drawViewOptions } from "./pictureControls.js";
import { bindKeys, bindPointer, dragPans, type PointerMode } from "./pictureInput.js";
import { isCropped } from "../../src/core/heatmap/isCropped.js";
import { drawPictureTable } from "./pictureTable.js";
import { bindZoom } from "./pictureZoom.js";
import { placelessNote } from "./placelessNote.js";
import { regionName } from "./placeName.js";
import { mapRange, presentMap, type PresentMap } from "./presentMap.js";
import { drawRegionPanel } from "./regionPanel.js";
import type { PageState, Store } from "./store.js";

/** The share of the window's height that the picture may take, and the least it gets. */
const MOST_HEIGHT = 0.52;
const LEAST_HEIGHT = 240;
/** Milliseconds that a map must stay before its strongest place is looked for and said. */
const SETTLED = 150;

const CROP_ID = "picture-crop";

/** What the map depends on. */
const MAP_NAMES: readonly (keyof PageState)[] = [
  ...(["signed", "shownHeads", "selected", "previewed"] as const),
  ...(["pinnedHead", "previewedHead", "attribution", "whatIf"] as const),
];

/**
 * The picture with the present map, its colour bar, a read-out of the cell pointed at, the tools and the region.
 * @param mostHeight of the picture in CSS pixels; null: a share of the window's height
 */
export function drawPicturePanel(
  store: Store,
  picture: CanvasImageSource,
  mostHeight: number | null = null,
): HTMLElement {
  const mode: PointerMode = { selecting: false };
  const view = drawImageView(store, picture);
  bindPointer(store, view, mode);
  bindKeys(store, view);
  bindZoom(store, view, (event) => dragPans(store, mode, event));
  const room = element("div.stage-room", {}, view.frame);
  fitToRoom(room, view, mostHeight);
  return element(
    "div.picture-panel",
    {},
    drawPictureTools(store, mode),
    room,
    drawCaption(store, view),
    drawReadout(store, view),
    drawRegionPanel(store),
    element(
      "div.more",
      {},
      element("details", {}, element("summary", {}, l10n.t("View")), drawViewOptions(store)),
      drawPictureTable(store),
    ),
  );
}

function fitToRoom(room: HTMLElement, view: ImageView, mostHeight: number | null): void {
  let last = "";
  const fit = (): void => {
    const width = room.clientWidth;
    const height = mostHeight ?? Math.max(LEAST_HEIGHT, MOST_HEIGHT * window.innerHeight);
    const key = `${width} ${height} ${window.devicePixelRatio}`;
    if (width === 0 || key === last) return;
    last = key;
    view.fit(width, height);
  };
  new ResizeObserver(fit).observe(room);
  if (mostHeight === null) window.addEventListener("resize", fit);
}

/** What the map is of, where it is strongest, and its colours; the same as the picture's name for screen readers. */
function drawCaption(store: Store, view: ImageView): HTMLElement {
  const title = element("strong");
  const place = element("span.note");
  const placeless = element("span.note.placeless");
  const bar = element("div");
  const { frame } = view;
  frame.setAttribute("aria-roledescription", l10n.t("heatmap"));
  frame.tabIndex = 0;
  frame.setAttribute("role", "application");
  let timer = 0;
  let asked = false;
  let moved = false;
  /** What was said of another map is not seen beside this one's title; its room stays, so that nothing jumps. */
  const show = (visibility: "visible" | "hidden"): void => {
    place.style.visibility = visibility;
    placeless.style.visibility = visibility;
  };
  const settle = (): void => {
    const map = presentMap(store);
    const words = placeOf(store, map);
    place.textContent = words;
    placeless.textContent = placelessNote(map.values, store.data.info.cells);
    show("visible");
    moved = false;
    frame.setAttribute("aria-label", `${l10n.t("Heatmap of {0}", map.title)}, ${words}`);
  };
  const draw = (): void => {
    asked = false;
    const map = presentMap(store);
    title.textContent = map.title;
    if (moved) show("hidden");
    frame.setAttribute("aria-label", l10n.t("Heatmap of {0}", map.title));
    bar.replaceChildren(drawBar(store, map));
    window.clearTimeout(timer);
    timer = window.setTimeout(settle, SETTLED);
  };
  store.listen((changed) => {
    moved ||= touches(changed, MAP_NAMES);
    if (asked || !touches(changed, [...MAP_NAMES, "style"])) return;
    asked = true;
    requestAnimationFrame(draw);
  });
  draw();
  settle();
  return element(
    "div.under",
    {},
    element("p.caption", {}, title, " ", place, ...drawCropNote(store, view), placeless),
    bar,
  );
}

/** Says what the hatching means: in the caption, in the picture's description and where the pointer is on it. */
function drawCropNote(store: Store, { frame }: ImageView): HTMLElement[] {
  if (!isCropped(store.data.info)) return [];
  const note = element(
    "span.note.crop",
    {},
    l10n.t("Hatched: the model never saw this part of the picture."),
  );
  note.id = CROP_ID;
  frame.addEventListener("pointermove", () => {
    frame.title = store.state.cell < 0 ? l10n.t("The model never saw this") : "";
  });
  return [note];
}

function drawBar(store: Store, map: PresentMap): HTMLElement {
  const { colourMap, opacity } = store.state.style;
  const scale = colourScale(mapColours(colourMap, map.signed));
  const range = mapRange({ values: drawnValues(map.values, store.data.info.cells) });
  return drawColourBar(layoutColourBar({ ...range, signed: map.signed, opacity, scale }));
}

function placeOf(store: Store, { values }: PresentMap): string {
  const where = mapRegion(store.data.info, values);
  return where ? l10n.t("strongest: {0}", regionName(where)) : l10n.t("flat map, nothing to show");
}

/** The cell pointed at, in words; said aloud when keys moved it. */
function drawReadout(store: Store, { frame }: ImageView): HTMLElement {
  const hint = l10n.t("Point at the picture to read a cell; drag to ask which tokens look at a region.");
  const keys = l10n.t(
    "Arrow keys walk the cells, with shift they select a region. Plus, minus and 0 zoom. Enter ranks the tokens of a cell.",
  );
  const readout = element("p.readout.cell", {}, hint);
  const help = element("span.visually-hidden", {}, keys);
  help.id = "picture-keys";
  frame.setAttribute("aria-describedby", `${help.id} ${CROP_ID}`);
  frame.addEventListener("keydown", () => readout.setAttribute("aria-live", "polite"));
  frame.addEventListener("pointermove", () => readout.setAttribute("aria-live", "off"));
  const name = cellNamer(store.data.info);
  const draw = (): void => {
    readout.textContent = describeCell(store, name) || hint;
  };
  store.listen((changed) => {
    const aboutCell = store.state.cell >= 0 && touches(changed, MAP_NAMES);
    if (changed.has("cell") || aboutCell) draw();
  });
  return element("div", {}, readout, help);
}
