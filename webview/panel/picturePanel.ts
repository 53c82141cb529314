import {
  colourMap,
  COLOUR_MAP_NAMES,
  isTwoSided,
  type ColourMapName,
} from "../../src/core/heatmap/colourMap.js";
import { minMax } from "../../src/core/heatmap/minMax.js";
import { regionWord } from "../../src/core/heatmap/regionWord.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { rowOf } from "../../src/core/run/textWinner.js";
import { tokenLabel } from "../../src/core/run/tokenLabel.js";
import { element } from "../components/element.js";
import { segments } from "../components/segments.js";
import { select } from "../components/select.js";
import { drawImageView } from "./imageView.js";
import { headMap, subjectMap } from "./selection.js";
import { presentSubject, type MapStyle, type Store } from "./store.js";

/** The picture with the present map, its colour bar, a read-out of the cell under the pointer, and the controls. */
export function drawPicturePanel(store: Store, picture: HTMLImageElement): HTMLElement {
  const caption = element("p.caption", { attributes: { "aria-live": "polite" } });
  const bar = element("div.colour-bar");
  const readout = element("p.readout");
  const view = drawImageView(store.data.info, picture, (cell) =>
    readout.replaceChildren(...describeCell(store, cell)),
  );
  const draw = (): void => {
    const { values, title } = presentMap(store);
    const where = regionWord(values, store.data.info.cells, wholePicture(store));
    view.show(
      values,
      store.state.style,
      `Heatmap of ${title}, ${where ? `strongest ${where.word}` : "flat"}`,
    );
    const place = where ? `strongest: ${where.word}` : "flat map, nothing to show";
    caption.replaceChildren(element("strong", {}, title), "  ", element("span.note", {}, place));
    bar.replaceChildren(...drawColourBar(values, store.state.style));
  };
  store.listen(draw);
  new ResizeObserver(() => view.resize()).observe(view.root);
  draw();
  return element("div", {}, view.root, element("div.under", {}, caption, bar), readout, drawControls(store));
}

function wholePicture({ data }: Store): readonly [number, number, number, number] {
  return [0, 0, data.info.image.width, data.info.image.height];
}

/** The map to show now and its name. */
function presentMap(store: Store): { values: Float32Array; title: string } {
  const { subject, head } = presentSubject(store);
  const token = subject.token === null ? null : store.data.info.tokens[subject.token];
  const name = token ? tokenLabel(token.text) : "Whole answer";
  const own = head && headMap(subject, head);
  if (head && own) return { values: own, title: `${name}, head L${head.layer} H${head.head} alone` };
  const filtered = store.state.shownHeads === "kept";
  return { values: subjectMap(subject, filtered), title: filtered ? name : `${name}, unfiltered` };
}

function drawColourBar(values: Float32Array, style: MapStyle): (Node | string)[] {
  const ramp = element("span.ramp");
  const scale = colourMap(style.colourMap);
  const stops = Array.from({ length: 17 }, (_, index) => {
    const alpha = style.opacity * (index / 16);
    return `rgb(${scale(index / 16)
      .map(Math.round)
      .join(" ")} / ${alpha.toFixed(3)})`;
  });
  ramp.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return [formatNumber(low), ramp, formatNumber(high)];
}

/** The value of a cell in the present map, and the tokens that look at it most. */
function describeCell(store: Store, cell: number): (Node | string)[] {
  if (cell < 0) return [];
  const { info } = store.data;
  const { attribution } = store.state;
  const value = presentMap(store).values[cell] ?? 0;
  const looks = info.tokens.map((token, index) => {
    const map = minMax(rowOf(attribution.tokenHeatmap, index, info.cells.length));
    return {
      label: tokenLabel(token.text),
      score: token.stop ? 0 : (attribution.tokenWeight[index] ?? 0) * (map[cell] ?? 0),
    };
  });
  const most = Math.max(...looks.map((look) => look.score));
  const top = looks
    .filter((look) => look.score > 0.1 * most)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3);
  const words = top.length > 0 ? `, most for ${top.map((look) => look.label).join(", ")}` : "";
  return [`Cell ${cell}: `, element("strong", {}, formatNumber(value)), words];
}

function drawControls(store: Store): HTMLElement {
  const restyle = (change: Partial<MapStyle>): void =>
    store.set({ style: { ...store.state.style, ...change } });
  const { style } = store.state;
  const opacity = element("input", {
    attributes: { type: "range", min: 0, max: 100, value: 100 * style.opacity },
    on: { input: () => restyle({ opacity: opacity.valueAsNumber / 100 }) },
  });
  const grey = element("input", {
    attributes: { type: "checkbox" },
    on: { change: () => restyle({ grey: grey.checked }) },
  });
  const maps = COLOUR_MAP_NAMES.filter((name) => !isTwoSided(name));
  return element(
    "div.controls",
    { attributes: { role: "group", "aria-label": "How the map is drawn" } },
    segments(
      "Map",
      [
        { value: "filtered", text: "Filtered", title: "The DEX-AR map: heads weighted by the filter" },
        { value: "all", text: "Unfiltered", title: "The same with every head and token weighted 1" },
      ],
      "filtered",
      (value) => store.set({ shownHeads: value === "filtered" ? "kept" : "all" }),
    ).root,
    segments(
      "Cells",
      [
        { value: "smooth", text: "Smooth" },
        { value: "cells", text: "Cells" },
      ],
      "smooth",
      (value) => restyle({ smooth: value === "smooth" }),
    ).root,
    select<ColourMapName>(
      "Colours",
      maps.map((name) => ({ value: name, text: name })),
      style.colourMap,
      (name) => restyle({ colourMap: name }),
    ),
    element("label", {}, "Opacity", opacity),
    element("label", {}, grey, "Grey picture"),
  );
}
