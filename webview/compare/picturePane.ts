import { layoutColourBar } from "../../src/core/heatmap/colourBar.js";
import { mapColours } from "../../src/core/heatmap/mapColours.js";
import type { Both } from "../../src/protocol/compare.js";
import { drawColourBar } from "../charts/drawColourBar.js";
import { element } from "../components/element.js";
import { colourScale } from "../panel/mapLayer.js";
import type { CompareStore, Front } from "./compareStore.js";
import { cellAt } from "./cellReadout.js";
import { paneContent, paintPane } from "./paneContent.js";
import { pointsText, shareText } from "./shareText.js";

/** One picture with a map on it, its caption and colour bar. */
export interface PicturePane {
  readonly root: HTMLElement;
  /** Draws anew at a width in CSS pixels. */
  draw(width: number): void;
  focus(): void;
}

/** Of the room around a picture, CSS pixels. */
const BORDER = 1;
/** Highest a picture may be, so that three of them and the tokens can be seen together. */
const HIGHEST = 520;

/** Makes the pane of A, B or the difference. */
export function drawPane(store: CompareStore, front: Front, pictures: Both<CanvasImageSource>): PicturePane {
  const canvas = element("canvas", { attributes: { role: "img", tabindex: 0 } });
  const mark = element("span.cell-mark", { attributes: { hidden: true } });
  const title = element("span.pane-title");
  const bar = element("div.pane-bar");
  const letter = front === "difference" ? "B − A" : front.toUpperCase();
  const heading = element(
    "figcaption",
    {},
    element("span", { attributes: { class: `side-letter side-${front}` } }, letter),
    title,
  );
  const root = element(
    "figure.pane",
    { attributes: { "data-front": front } },
    heading,
    element("div.pane-room", {}, element("div.pane-stage", {}, canvas, mark)),
    bar,
  );
  store.listen((changed) => {
    if (changed.has("cell")) placeMark(mark, store);
  });
  canvas.addEventListener("pointermove", ({ offsetX, offsetY }) => {
    const place = [offsetX / canvas.clientWidth, offsetY / canvas.clientHeight] as const;
    store.set({ cell: cellAt(store.comparison.map.cells, ...place) });
  });
  canvas.addEventListener("pointerleave", () => store.set({ cell: null }));
  return {
    root,
    focus: () => canvas.focus(),
    draw(outer) {
      const width = Math.max(1, outer - 2 * BORDER);
      const content = paneContent(store, front, pictures);
      const { image } = content;
      const height = Math.min(HIGHEST, (width * image.height) / image.width);
      const across = (height * image.width) / image.height;
      const density = window.devicePixelRatio || 1;
      canvas.style.width = `${Math.round(across)}px`;
      canvas.style.height = `${Math.round(height)}px`;
      canvas.width = Math.max(1, Math.round(across * density));
      canvas.height = Math.max(1, Math.round(height * density));
      const context = canvas.getContext("2d");
      if (context) paintPane(context, content, store.state.style, canvas);
      title.textContent = content.title;
      canvas.setAttribute("aria-label", `${letter}: ${content.title}. ${content.description}`);
      const { opacity, colourMap } = store.state.style;
      const { signed } = content.map;
      const scale = colourScale(mapColours(colourMap, signed));
      const layout = layoutColourBar({ ...content.range, signed, opacity, scale });
      bar.replaceChildren(
        content.empty
          ? element("p.note", {}, content.description)
          : drawColourBar(layout, signed ? pointsText : shareText),
      );
    },
  };
}

/** Frames the cell pointed at, on any of the pictures. */
function placeMark(mark: HTMLElement, { state, comparison }: CompareStore): void {
  const cell = state.cell === null ? undefined : comparison.map.cells[state.cell];
  mark.hidden = cell === undefined;
  if (!cell) return;
  for (const [index, name] of (["left", "top", "width", "height"] as const).entries())
    mark.style[name] = `${100 * (cell[index] ?? 0)}%`;
}
