import * as l10n from "@vscode/l10n";
import { select } from "../components/select.js";
import type { Store } from "./store.js";
import { viewOfPlace, WHOLE } from "./zoomView.js";

/** The choice among several pictures of a prompt, each of which fills the view; nothing where there is only one. */
export function drawPictureSwitch(store: Store): HTMLElement[] {
  const { images, image } = store.data.info;
  if (!images) return [];
  const choices = [
    { value: "all", text: l10n.t("all {0}", images.length) },
    ...images.map(({ name }, index) => ({ value: String(index), text: `${index + 1}. ${name}` })),
  ];
  const control = select(l10n.t("Picture"), choices, "all", (value) => {
    control.set(value);
    const picture = images[Number(value)];
    store.set({ zoom: value === "all" || !picture ? WHOLE : viewOfPlace(picture.place, image) });
  });
  store.listen((changed) => {
    // Zoomed out by other means, all are seen again.
    if (changed.has("zoom") && store.state.zoom.scale <= 1) control.set("all");
  });
  return [control];
}
