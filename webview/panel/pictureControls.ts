import * as l10n from "@vscode/l10n";
import whole from "@vscode/codicons/src/icons/screen-full.svg";
import region from "@vscode/codicons/src/icons/screen-cut.svg";
import closer from "@vscode/codicons/src/icons/zoom-in.svg";
import further from "@vscode/codicons/src/icons/zoom-out.svg";
import { COLOUR_MAP_NAMES, isTwoSided, type ColourMapName } from "../../src/core/heatmap/colourMap.js";
import { iconButton } from "../components/button.js";
import { checkbox } from "../components/checkbox.js";
import { element } from "../components/element.js";
import { segments } from "../components/segments.js";
import { select } from "../components/select.js";
import { tileBoxes } from "../../src/core/heatmap/tileBoxes.js";
import { mapColours } from "../../src/core/heatmap/mapColours.js";
import type { PointerMode } from "./pictureInput.js";
import { zoomBy } from "./pictureZoom.js";
import { drawPictureSwitch } from "./pictureSwitch.js";
import { presentMap, signedIsPossible } from "./presentMap.js";
import type { MapStyle, ShownHeads, Store } from "./store.js";
import { MOST_ZOOM, WHOLE } from "./zoomView.js";

/** Above the picture: which heads make the map, and the tools that act on the picture. */
export function drawPictureTools(store: Store, mode: PointerMode): HTMLElement {
  const heads = segments<ShownHeads>(
    l10n.t("Heads in the map"),
    headChoices(),
    store.state.shownHeads,
    (value) => store.set({ shownHeads: value }),
  );
  const signed = checkbox(l10n.t("Both signs"), store.state.signed, (value) => store.set({ signed: value }));
  signed.title = l10n.t("Shows where the gradient is negative too, in two-sided colours");
  const selecting = iconButton(
    region,
    l10n.t("Select a region: drag over the picture, or shift + arrow keys"),
    () => {
      mode.selecting = !mode.selecting;
      selecting.setAttribute("aria-pressed", String(mode.selecting));
      selecting.toggleAttribute("data-pressed", mode.selecting);
    },
  );
  selecting.setAttribute("aria-pressed", "false");
  const out = iconButton(further, l10n.t("Zoom out (-)"), () => zoomBy(store, -1));
  const all = iconButton(whole, l10n.t("Whole picture (0)"), () => store.set({ zoom: WHOLE }));
  const closerButton = iconButton(closer, l10n.t("Zoom in (+, or ctrl + wheel)"), () => zoomBy(store, 1));
  const draw = (): void => {
    const { state } = store;
    heads.set(state.shownHeads);
    const dropped = heads.root.querySelector<HTMLButtonElement>('[data-value="dropped"]');
    if (dropped) dropped.disabled = store.data.arrays.gradient === null;
    signed.hidden = !signedIsPossible(store);
    signed.checked = state.signed;
    out.disabled = all.disabled = state.zoom.scale <= 1;
    closerButton.disabled = state.zoom.scale >= MOST_ZOOM;
  };
  const names = ["shownHeads", "signed", "zoom", "pinnedHead", "whatIf", "selected", "data"] as const;
  store.listen((changed) => {
    if (names.some((name) => changed.has(name))) draw();
  });
  draw();
  return element(
    "div.picture-tools",
    { attributes: { role: "toolbar", "aria-label": l10n.t("Picture") } },
    ...drawPictureSwitch(store),
    heads.root,
    signed,
    drawOpacity(store),
    element("span.tools", {}, selecting, out, closerButton, all),
  );
}

function headChoices(): { value: ShownHeads; text: string; title: string }[] {
  return [
    {
      value: "kept",
      text: l10n.t("Kept"),
      title: l10n.t("The DEX-AR map: heads that the filter kept, by weight"),
    },
    {
      value: "dropped",
      text: l10n.t("Dropped"),
      title: l10n.t("Only the heads that the filter dropped, all alike; needs the gradient"),
    },
    { value: "all", text: l10n.t("All"), title: l10n.t("Every head and every token, all alike: no filter") },
  ];
}

function drawOpacity(store: Store): HTMLElement {
  const slider = element("input", {
    attributes: { type: "range", min: 0, max: 100, value: Math.round(100 * store.state.style.opacity) },
    on: { input: () => store.set({ style: { ...store.state.style, opacity: slider.valueAsNumber / 100 } }) },
  });
  store.listen((changed) => {
    if (changed.has("style")) slider.valueAsNumber = Math.round(100 * store.state.style.opacity);
  });
  return element("label.opacity", {}, l10n.t("Opacity"), slider);
}

/** How the map is drawn: colours, cells, lines. */
export function drawViewOptions(store: Store): HTMLElement {
  const restyle = (change: Partial<MapStyle>): void =>
    store.set({ style: { ...store.state.style, ...change } });
  const { style } = store.state;
  const cells = segments<"smooth" | "cells">(
    l10n.t("Cells"),
    [
      { value: "smooth", text: l10n.t("Smooth") },
      { value: "cells", text: l10n.t("Cells") },
    ],
    style.smooth ? "smooth" : "cells",
    (value) => restyle({ smooth: value === "smooth" }),
  );
  const flags = [
    { name: "grey", text: l10n.t("Grey picture"), shown: true },
    { name: "grid", text: l10n.t("Grid"), shown: true },
    { name: "tiles", text: l10n.t("Tiles"), shown: tileBoxes(store.data.info.cells).length > 1 },
  ] as const;
  const boxes = flags
    .filter(({ shown }) => shown)
    .map(({ name, text }) => ({ name, box: checkbox(text, style[name], (on) => restyle({ [name]: on })) }));
  const colours = drawColourChoice(store, restyle);
  store.listen((changed) => {
    if (!changed.has("style")) return;
    const now = store.state.style;
    cells.set(now.smooth ? "smooth" : "cells");
    for (const { name, box } of boxes) box.checked = now[name];
  });
  return element(
    "div.controls",
    { attributes: { role: "group", "aria-label": l10n.t("How the map is drawn") } },
    colours,
    cells.root,
    ...boxes.map(({ box }) => box),
  );
}

/** One-sided colours, or, while the map is signed, two-sided ones. */
function drawColourChoice(store: Store, restyle: (change: Partial<MapStyle>) => void): HTMLElement {
  const room = element("span.colours");
  let twoSided: boolean | null = null;
  const draw = (): void => {
    const { signed } = presentMap(store);
    if (signed === twoSided) return;
    twoSided = signed;
    const names = COLOUR_MAP_NAMES.filter((name) => isTwoSided(name) === signed);
    const choices = names.map((name) => ({ value: name, text: name }));
    const start = mapColours(store.state.style.colourMap, signed);
    room.replaceChildren(
      select<ColourMapName>(l10n.t("Colours"), choices, start, (colourMap) => restyle({ colourMap })),
    );
  };
  store.listen((changed) => {
    if (["signed", "pinnedHead", "whatIf", "selected"].some((name) => changed.has(name as "signed"))) draw();
  });
  draw();
  return room;
}
