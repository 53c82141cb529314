import type { Rectangle } from "../../src/core/run/types.js";
import type { ZoomView } from "./store.js";

/** Size in CSS pixels, or of the picture. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** How far a person can zoom in. */
export const MOST_ZOOM = 24;
/** All of the picture. */
export const WHOLE: ZoomView = { scale: 1, x: 0.5, y: 0.5 };

/** Size of the drawn picture, in CSS pixels: as large as fits the width, at most `most` high. */
export function fitImage(picture: Size, width: number, most: number): Size {
  const factor = Math.min(width / picture.width, most / picture.height);
  return {
    width: Math.max(1, Math.floor(picture.width * factor)),
    height: Math.max(1, Math.floor(picture.height * factor)),
  };
}

/** A view inside its limits: never smaller than the whole picture, never beside it. */
export function limitZoom({ scale, x, y }: ZoomView): ZoomView {
  const limited = Math.min(Math.max(scale, 1), MOST_ZOOM);
  const half = 0.5 / limited;
  const middle = (value: number): number => Math.min(Math.max(value, half), 1 - half);
  return { scale: limited, x: middle(x), y: middle(y) };
}

/** The view moved by a share of what is seen. */
export function panned(view: ZoomView, right: number, down: number): ZoomView {
  return limitZoom({ ...view, x: view.x + right / view.scale, y: view.y + down / view.scale });
}

/** The view nearest to the present one in which a box (shares of the picture) is seen whole. */
export function revealing(
  view: ZoomView,
  box: readonly [x: number, y: number, width: number, height: number],
): ZoomView {
  const half = 0.5 / view.scale;
  const middle = (present: number, from: number, size: number): number => {
    if (size >= 2 * half) return from + size / 2;
    return Math.min(Math.max(present, from + size - half), from + half);
  };
  return limitZoom({
    scale: view.scale,
    x: middle(view.x, box[0], box[2]),
    y: middle(view.y, box[1], box[3]),
  });
}

/** A view as d3-zoom writes it: scale and offset in CSS pixels of a frame of this size. */
export function zoomOffset({ scale, x, y }: ZoomView, { width, height }: Size): [x: number, y: number] {
  return [width * (0.5 - x * scale), height * (0.5 - y * scale)];
}

/** The view that scale and offset (CSS pixels) stand for. */
export function viewOf(scale: number, offset: readonly [x: number, y: number], size: Size): ZoomView {
  return limitZoom({
    scale,
    x: (0.5 - offset[0] / size.width) / scale,
    y: (0.5 - offset[1] / size.height) / scale,
  });
}

/** The view that one picture of a sheet fills, no other beside it; what of it is beyond the view is dragged into it. */
export function viewOfPlace([x, y, width, height]: Rectangle, sheet: Size): ZoomView {
  return limitZoom({
    scale: Math.max(sheet.width / width, sheet.height / height),
    x: (x + width / 2) / sheet.width,
    y: (y + height / 2) / sheet.height,
  });
}
