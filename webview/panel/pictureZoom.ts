import { select } from "d3-selection";
import { zoom, ZoomTransform, type D3ZoomEvent } from "d3-zoom";
import type { ImageView } from "./imageView.js";
import type { Store } from "./store.js";
import { limitZoom, MOST_ZOOM, viewOf, zoomOffset } from "./zoomView.js";

/** How much a key or a button changes the scale. */
const STEP = 1.5;

/**
 * Zooms with ctrl + wheel or two fingers and pans with a drag; a plain wheel scrolls the page. The view lives in the
 * store, so buttons and keys only have to set it.
 * @param mayPan false while a drag means something else
 */
export function bindZoom(store: Store, view: ImageView, mayPan: (event: MouseEvent) => boolean): void {
  const target = select<HTMLElement, unknown>(view.frame);
  const present = (): ZoomTransform => {
    const [x, y] = zoomOffset(store.state.zoom, view.size());
    return new ZoomTransform(store.state.zoom.scale, x, y);
  };
  const behaviour = zoom<HTMLElement, unknown>()
    .scaleExtent([1, MOST_ZOOM])
    .extent((): [[number, number], [number, number]] => [
      [0, 0],
      [view.size().width, view.size().height],
    ])
    .filter((event: Event) => {
      if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey;
      if (event instanceof MouseEvent) return event.button === 0 && mayPan(event);
      return "touches" in event && (event as TouchEvent).touches.length > 1;
    })
    .on("start", () => view.frame.classList.toggle("panning", true))
    .on("end", () => view.frame.classList.toggle("panning", false))
    .on("zoom", ({ transform, sourceEvent }: D3ZoomEvent<HTMLElement, unknown>) => {
      if (sourceEvent === null) return;
      store.set({ zoom: viewOf(transform.k, [transform.x, transform.y], view.size()) });
    });
  target.call(behaviour).on("dblclick.zoom", null);
  // d3 keeps the transform it goes on from on the element.
  const follow = (): void => {
    behaviour.translateExtent([
      [0, 0],
      [view.size().width, view.size().height],
    ]);
    target.property("__zoom", present());
    view.frame.classList.toggle("zoomed", store.state.zoom.scale > 1);
  };
  store.listen((changed) => {
    if (changed.has("zoom")) follow();
  });
  new ResizeObserver(follow).observe(view.frame);
  follow();
}

/** One step closer or further away, around the middle of the view. */
export function zoomBy(store: Store, steps: number): void {
  const { zoom: present } = store.state;
  store.set({ zoom: limitZoom({ ...present, scale: present.scale * STEP ** steps }) });
}
