import * as l10n from "@vscode/l10n";
import type { AttributionSettings, Preset, TextSet } from "../../src/core/attribution/settings.js";
import { button } from "../components/button.js";
import { element } from "../components/element.js";
import { panel } from "../components/panel.js";
import { select } from "../components/select.js";
import type { CompareStore } from "./compareStore.js";

/** Preset, text set and layers of each side: so one run can also be compared with itself under other settings. */
export function drawSideSettings(store: CompareStore): HTMLElement {
  const root = panel(
    l10n.t("Settings"),
    [],
    element("div.side-settings", {}, drawSide(store, 0), drawSide(store, 1)),
  );
  root.classList.add("settings-panel");
  return root;
}

function drawSide(store: CompareStore, side: 0 | 1): HTMLElement {
  const letter = side === 0 ? "A" : "B";
  const { arrays, gradientNote, info } = store.data[side];
  const group = element("div.settings", {
    attributes: { role: "group", "aria-label": l10n.t("Settings of {0}", letter) },
  });
  const title = element(
    "span",
    { attributes: { class: `side-letter side-${letter.toLowerCase()}` } },
    letter,
  );
  if (arrays.gradient === null) {
    group.append(
      title,
      element("p.note", {}, gradientNote ?? l10n.t("This run has no gradient: its settings are as saved.")),
    );
    return group;
  }
  const change = (part: Partial<AttributionSettings>): void => {
    const own = { ...store.state.settings[side], ...part };
    // As saved again: then the saved explanation is taken.
    const next = JSON.stringify(own) === JSON.stringify(info.settings) ? info.settings : own;
    store.set({ settings: side === 0 ? [next, store.state.settings[1]] : [store.state.settings[0], next] });
  };
  const controls = [
    drawPreset(store, side, change),
    drawTextSet(store, side, change),
    drawLayers(store, side, change),
  ];
  const back = button(l10n.t("As saved"), { title: l10n.t("The settings that the run was saved with") }, () =>
    change(info.settings),
  );
  const show = (): void => {
    const settings = store.state.settings[side];
    for (const control of controls) control.show(settings);
    back.disabled = settings === info.settings;
  };
  store.listen((changed) => {
    if (changed.has("settings")) show();
  });
  group.append(title, ...controls.map(({ root }) => root), back);
  show();
  return group;
}

interface Control {
  readonly root: HTMLElement;
  readonly show: (settings: AttributionSettings) => void;
}

type Change = (part: Partial<AttributionSettings>) => void;

function drawPreset({ data, state }: CompareStore, side: 0 | 1, change: Change): Control {
  const reference = { value: "reference" as const, text: l10n.t("reference") };
  const choices: { value: Preset; text: string }[] = [
    { value: "paper", text: l10n.t("paper") },
    ...(data[side].arrays.gradientReferenceLast ? [reference] : []),
  ];
  const root = select(l10n.t("Preset"), choices, state.settings[side].preset, (preset) => change({ preset }));
  return { root, show: ({ preset }) => root.set(preset) };
}

type TextSetName = Exclude<TextSet, object> | "chosen";

function drawTextSet({ data, state }: CompareStore, side: 0 | 1, change: Change): Control {
  const nameOf = (textSet: TextSet): TextSetName => (typeof textSet === "object" ? "chosen" : textSet);
  const saved = data[side].info.settings.textSet;
  const choices: { value: TextSetName; text: string }[] = [
    { value: "all", text: l10n.t("all") },
    { value: "no-special", text: l10n.t("no special tokens") },
    { value: "prompt", text: l10n.t("prompt") },
    { value: "generated", text: l10n.t("answer so far") },
    ...(typeof saved === "object" ? [{ value: "chosen" as const, text: l10n.t("chosen words") }] : []),
  ];
  const root = select(l10n.t("Text set"), choices, nameOf(state.settings[side].textSet), (value) =>
    change({ textSet: value === "chosen" ? saved : value }),
  );
  return { root, show: ({ textSet }) => root.set(nameOf(textSet)) };
}

function drawLayers(store: CompareStore, side: 0 | 1, change: Change): Control {
  const numbers = Array.from({ length: store.data[side].info.model.layers }, (_, layer) => ({
    value: String(layer),
    text: `L${layer}`,
  }));
  const present = (): AttributionSettings["layers"] => store.state.settings[side].layers;
  const [from, to] = present();
  const first = select(l10n.t("Layers"), numbers, String(from), (value) =>
    change({ layers: [Number(value), Math.max(Number(value) + 1, present()[1])] }),
  );
  const last = select(l10n.t("to"), numbers, String(to - 1), (value) =>
    change({ layers: [Math.min(Number(value), present()[0]), Number(value) + 1] }),
  );
  return {
    root: element("span.layer-range", {}, first, last),
    show: ({ layers }) => {
      first.set(String(layers[0]));
      last.set(String(layers[1] - 1));
    },
  };
}
