import { element } from "../components/element.js";
import { mapPainter } from "./mapLayer.js";
import { drawMarks } from "./pictureMarks.js";
import { presentMap } from "./presentMap.js";
import type { Changed, PageState, Store } from "./store.js";
import { fitImage, zoomOffset, type Size } from "./zoomView.js";

/** The picture, the map on it and the marks on both: three canvases, each drawn only when what it shows changed. */
export interface ImageView {
  /** Holds the canvases; takes pointer and keys. */
  readonly frame: HTMLElement;
  /** Size of the frame in CSS pixels. */
  size(): Size;
  /** The point of the picture, in its pixels, under a point of the window. */
  toPicture(clientX: number, clientY: number): [x: number, y: number];
  /** Fits the frame into this room (CSS pixels) and draws anew. */
  fit(width: number, height: number): void;
}

type Layer = "picture" | "map" | "marks";

/** A layer is drawn anew when one of these changed. */
const SHOWS: Readonly<Record<Layer, readonly (keyof PageState | "data")[]>> = {
  picture: ["zoom"],
  map: [
    ...(["zoom", "style", "signed", "shownHeads", "selected", "previewed"] as const),
    ...(["pinnedHead", "previewedHead", "attribution", "whatIf"] as const),
  ],
  marks: ["zoom", "style", "cell", "region"],
};

/** CSS pixels that a pixel of the picture must take before it is drawn as a square. */
const SQUARE_PIXELS = 8;

/** True when one of the names changed. */
export function touches(changed: Changed, names: readonly (keyof PageState | "data")[]): boolean {
  return names.some((name) => changed.has(name));
}

type Painters = Readonly<Record<Layer, (context: CanvasRenderingContext2D) => void>>;

/** Draws the picture of a run, following the store. */
export function drawImageView(store: Store, picture: CanvasImageSource): ImageView {
  // The frame has the name; what is in it says nothing more.
  const hidden = { attributes: { "aria-hidden": "true" } };
  const canvases = {
    picture: element("canvas.base", hidden),
    map: element("canvas.map", hidden),
    marks: element("canvas.marks", hidden),
  };
  const frame = element("div.stage", {}, canvases.picture, canvases.map, canvases.marks);
  const { image } = store.data.info;
  let size: Size = { width: 1, height: 1 };
  const painters = makePainters(store, picture, () => size);
  const schedule = onceAFrame((layer) => {
    const context = canvases[layer].getContext("2d");
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(...pictureTransform(store, size));
    painters[layer](context);
  });
  const restyle = (): void => void frame.classList.toggle("grey", store.state.style.grey);
  store.listen((changed) => {
    restyle();
    schedule((Object.keys(SHOWS) as Layer[]).filter((layer) => touches(changed, SHOWS[layer])));
  });
  restyle();
  return {
    frame,
    size: () => size,
    toPicture: (clientX, clientY) => pictureAt(frame, store, clientX, clientY),
    fit(width, height) {
      size = fitImage(image, width, height);
      const density = window.devicePixelRatio || 1;
      frame.style.width = `${size.width}px`;
      frame.style.height = `${size.height}px`;
      for (const canvas of Object.values(canvases)) {
        canvas.width = Math.round(size.width * density);
        canvas.height = Math.round(size.height * density);
      }
      schedule(["picture", "map", "marks"]);
    },
  };
}

function makePainters(store: Store, picture: CanvasImageSource, size: () => Size): Painters {
  const { image } = store.data.info;
  const painter = mapPainter(store.data.info);
  return {
    picture(context) {
      const pixel = (store.state.zoom.scale * size().width) / image.width;
      context.imageSmoothingEnabled = pixel < SQUARE_PIXELS;
      context.imageSmoothingQuality = "high";
      context.drawImage(picture, 0, 0, image.width, image.height);
    },
    map(context) {
      const layer = painter.paint(presentMap(store), store.state.style);
      context.imageSmoothingEnabled = layer.smooth;
      context.drawImage(layer.image, ...layer.box);
    },
    marks(context) {
      const { style, cell, region } = store.state;
      drawMarks(context, store.data.info, { ...style, cell, region }, window.devicePixelRatio || 1);
    },
  };
}

/** Collects layers and draws each of them once in the next frame. */
function onceAFrame(draw: (layer: Layer) => void): (layers: readonly Layer[]) => void {
  const due = new Set<Layer>();
  return (layers) => {
    if (due.size === 0 && layers.length > 0)
      requestAnimationFrame(() => {
        for (const layer of due) draw(layer);
        due.clear();
      });
    for (const layer of layers) due.add(layer);
  };
}

/** From pixels of the picture to pixels of the canvas, as `setTransform` takes it. */
function pictureTransform(
  { data, state }: Store,
  size: Size,
): [a: number, b: number, c: number, d: number, e: number, f: number] {
  const density = window.devicePixelRatio || 1;
  const { width, height } = data.info.image;
  const [x, y] = zoomOffset(state.zoom, size);
  const scale = state.zoom.scale * density;
  return [(scale * size.width) / width, 0, 0, (scale * size.height) / height, x * density, y * density];
}

function pictureAt(frame: HTMLElement, store: Store, clientX: number, clientY: number): [number, number] {
  const box = frame.getBoundingClientRect();
  const { zoom } = store.state;
  const { width, height } = store.data.info.image;
  const across = ((clientX - box.left) / box.width - 0.5) / zoom.scale + zoom.x;
  const down = ((clientY - box.top) / box.height - 0.5) / zoom.scale + zoom.y;
  return [across * width, down * height];
}
