import * as l10n from "@vscode/l10n";
import type { Both } from "../../src/protocol/compare.js";
import { checkbox } from "../components/checkbox.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { segments } from "../components/segments.js";
import { drawInFrame } from "../panel/drawing.js";
import { describeCell } from "./cellReadout.js";
import type { CompareState, CompareStore, Front } from "./compareStore.js";
import { drawDifferenceTable } from "./differenceTable.js";
import { drawPane } from "./picturePane.js";

const REDRAWN_BY: readonly (keyof CompareState | "comparison")[] = [
  "comparison",
  "view",
  "front",
  "oneScale",
  "style",
];

const FRONTS: readonly Front[] = ["a", "b", "difference"];

/** A, B and the difference beside each other, or one at a time in one place so that a change catches the eye. */
export function drawPictures(store: CompareStore, pictures: Both<CanvasImageSource>): HTMLElement {
  const panes = FRONTS.map((front) => ({ front, pane: drawPane(store, front, pictures) }));
  const room = element("div.compare-pictures", {}, ...panes.map(({ pane }) => pane.root));
  const front = segments(l10n.t("Picture in front"), frontChoices(), store.state.front, (value) =>
    store.set({ front: value }),
  );
  const view = segments(
    l10n.t("Pictures"),
    [
      { value: "beside" as const, text: l10n.t("Side by side") },
      {
        value: "one" as const,
        text: l10n.t("One at a time"),
        title: l10n.t("In one place: A, B and D change it"),
      },
    ],
    store.state.view,
    (value) => store.set({ view: value }),
  );
  const arrange = (): void => {
    const { view: shown, front: seen } = store.state;
    view.set(shown);
    front.set(seen);
    front.root.hidden = shown === "beside";
    room.classList.toggle("one", shown === "one");
    for (const { front: own, pane } of panes) pane.root.hidden = shown === "one" && own !== seen;
  };
  const redraw = drawInFrame(room, () => {
    for (const { pane } of panes) if (!pane.root.hidden) pane.draw(pane.root.clientWidth);
  });
  store.listen((changed) => {
    if (changed.has("view") || changed.has("front")) arrange();
    if (REDRAWN_BY.some((name) => changed.has(name))) redraw();
  });
  room.addEventListener("keydown", (event) => {
    const seen = frontOfKey(event, store.state.front);
    if (store.state.view !== "one" || seen === null) return;
    event.preventDefault();
    store.set({ front: seen });
    panes.find(({ front: own }) => own === seen)?.pane.focus();
  });
  arrange();
  const root = panel(
    l10n.t("Where each looks"),
    [element("div.controls", {}, front.root, view.root)],
    room,
    drawReadout(store),
    drawControls(store),
    drawDifferenceTable(store),
  );
  root.classList.add("pictures-panel");
  return root;
}

/** The numbers of the cell pointed at. */
function drawReadout(store: CompareStore): HTMLElement {
  const readout = element("p.readout");
  const read = (): void => void (readout.textContent = describeCell(store));
  store.listen((changed) => {
    if (changed.has("cell") || changed.has("comparison")) read();
  });
  read();
  return readout;
}

function frontChoices(): { value: Front; text: string }[] {
  return [
    { value: "a", text: "A" },
    { value: "b", text: "B" },
    { value: "difference", text: l10n.t("Difference") },
  ];
}

/** A, B and D show one, the space bar goes on to the next. */
function frontOfKey(event: KeyboardEvent, seen: Front): Front | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  if (event.key === " ") return FRONTS[(FRONTS.indexOf(seen) + 1) % FRONTS.length] ?? null;
  return ({ a: "a", b: "b", d: "difference" } as const)[event.key.toLowerCase()] ?? null;
}

function drawControls(store: CompareStore): HTMLElement {
  const { style, oneScale } = store.state;
  const smooth = checkbox(l10n.t("Smooth"), style.smooth, (checked) =>
    store.set({ style: { ...store.state.style, smooth: checked } }),
  );
  const scale = checkbox(l10n.t("One colour scale for A and B"), oneScale, (checked) =>
    store.set({ oneScale: checked }),
  );
  const slider = element("input", {
    attributes: { type: "range", min: 0, max: 100, value: Math.round(100 * style.opacity) },
    on: { input: () => store.set({ style: { ...store.state.style, opacity: slider.valueAsNumber / 100 } }) },
  });
  return element("div.controls", {}, scale, smooth, element("label.opacity", {}, l10n.t("Opacity"), slider));
}
