import * as l10n from "@vscode/l10n";
import type { AttributionSettings, Preset, Score, TextSet } from "../../src/core/attribution/settings.js";
import { button } from "../components/button.js";
import { checkbox } from "../components/checkbox.js";
import { element } from "../components/element.js";
import { select } from "../components/select.js";
import { canChangeFilter, whyFixed } from "./canChangeFilter.js";
import { chosenPositions, textSetPositions } from "./textSetPositions.js";
import type { Store } from "./store.js";

type Change = (part: Partial<AttributionSettings>) => void;

/** A control; `show` puts the settings in force into it. */
interface Setting {
  readonly root: HTMLElement;
  readonly show: (settings: AttributionSettings) => void;
}

/** Preset, text set, score, layers and stop token; a change is worked out at once from the gradient in the page. */
export function drawSettings(store: Store): HTMLElement {
  const root = element("div.settings", {
    attributes: { role: "group", "aria-label": l10n.t("Filter settings") },
  });
  let controls: readonly Setting[] = [];
  const draw = (): void => {
    const focused = root.contains(document.activeElement)
      ? document.activeElement?.closest<HTMLElement>("[data-setting]")?.dataset["setting"]
      : undefined;
    controls = canChangeFilter(store) ? drawControls(store) : [];
    root.replaceChildren(
      ...(canChangeFilter(store) ? controls.map((control) => control.root) : [drawFixed(store)]),
    );
    if (focused !== undefined)
      root
        .querySelector<HTMLElement>(
          `[data-setting="${focused}"] :is(vscode-dropdown, vscode-checkbox, input)`,
        )
        ?.focus();
  };
  let drawn = "";
  const show = (): void => {
    const key = controlsKey(store);
    if (key !== drawn) draw();
    drawn = key;
    for (const control of controls) control.show(store.state.settings);
  };
  store.listen((changed) => {
    if (changed.has("settings") || changed.has("data")) show();
  });
  show();
  return root;
}

/** What decides which controls there are: they are dear to make, so they are only made anew when this changes. */
function controlsKey(store: Store): string {
  const { settings } = store.state;
  const { info, arrays } = store.data;
  const fixed = canChangeFilter(store) ? null : settings;
  const chosen = chosenPositions(settings)?.size;
  const reference = arrays.gradientReferenceLast !== null;
  return JSON.stringify([whyFixed(store), fixed, chosen, settings.score.kind, reference, info.settings]);
}

/** A control with the name by which it is found again after everything was drawn anew. */
function setting(name: string, show: Setting["show"], ...controls: readonly Node[]): Setting {
  return { root: element("div.setting", { attributes: { "data-setting": name } }, ...controls), show };
}

function drawControls(store: Store): Setting[] {
  const change: Change = (part) => store.set({ settings: { ...store.state.settings, ...part } });
  return [
    drawPreset(store, change),
    drawTextSet(store, change),
    ...drawScore(store, change),
    drawLayers(store, change),
    drawStop(store, change),
    drawBack(store),
  ];
}

function drawStop({ state }: Store, change: Change): Setting {
  const stop = checkbox(l10n.t("Include the end token"), state.settings.includeStop, (includeStop) =>
    change({ includeStop }),
  );
  const show: Setting["show"] = ({ includeStop }) => (stop.checked = includeStop);
  return setting("stop", show, stop);
}

function drawBack(store: Store): Setting {
  const saved = store.data.info.settings;
  const back = button(
    l10n.t("Back to the run's settings"),
    { title: l10n.t("Preset, text set, score, layers and heads as they were when the run was saved") },
    () => store.set({ settings: saved }),
  );
  const show: Setting["show"] = (settings) =>
    (back.disabled = JSON.stringify(settings) === JSON.stringify(saved));
  return setting("back", show, back);
}

function drawPreset({ data, state }: Store, change: Change): Setting {
  const reference = { value: "reference" as const, text: l10n.t("reference") };
  const presets: { value: Preset; text: string }[] = [{ value: "paper", text: l10n.t("paper") }];
  if (data.arrays.gradientReferenceLast) presets.push(reference);
  const control = select(l10n.t("Preset"), presets, state.settings.preset, (preset) => change({ preset }));
  return setting("preset", ({ preset }) => control.set(preset), control);
}

type TextSetName = Exclude<TextSet, object> | "chosen";

const nameOf = (textSet: TextSet): TextSetName => (typeof textSet === "object" ? "chosen" : textSet);

function drawTextSet(store: Store, change: Change): Setting {
  const choices: { value: TextSetName; text: string }[] = [
    { value: "all", text: l10n.t("all") },
    { value: "no-special", text: l10n.t("no special tokens") },
    { value: "prompt", text: l10n.t("prompt") },
    { value: "generated", text: l10n.t("answer so far") },
    { value: "chosen", text: l10n.t("chosen words") },
  ];
  const { settings } = store.state;
  const choose = (value: TextSetName): void => {
    if (value !== "chosen") change({ textSet: value });
    else {
      // Starts from what the present set holds, so that nothing changes before a word is clicked.
      change({ textSet: { positions: textSetPositions(store.data.info, store.state.settings.textSet) } });
      store.set({ tab: "prompt" });
    }
  };
  const control = select(l10n.t("Text set"), choices, nameOf(settings.textSet), choose);
  const chosen = chosenPositions(settings);
  const showWords = (): void => store.set({ tab: "prompt" });
  const words = chosen ? [button(l10n.t("{0} chosen, show", chosen.size), {}, showWords)] : [];
  return setting("text-set", ({ textSet }) => control.set(nameOf(textSet)), control, ...words);
}

const LARGEST_K = 64;

function drawScore({ state }: Store, change: Change): Setting[] {
  const { score } = state.settings;
  const choices: { value: Score["kind"]; text: string }[] = [
    { value: "max", text: l10n.t("max") },
    { value: "mean", text: l10n.t("mean") },
    { value: "top-k", text: l10n.t("top-k") },
  ];
  const kind = select(l10n.t("Score"), choices, score.kind, (value) =>
    change({ score: value === "top-k" ? { kind: value, k: 5 } : { kind: value } }),
  );
  const chosen = setting("score", (settings) => kind.set(settings.score.kind), kind);
  return score.kind === "top-k" ? [chosen, drawK(score.k, change)] : [chosen];
}

function drawK(start: number, change: Change): Setting {
  let present = start;
  const k = element("input.number", {
    attributes: { type: "number", min: 1, max: LARGEST_K, step: 1, value: start },
    on: {
      change: () => {
        const value = Math.round(k.valueAsNumber);
        const checked = Number.isFinite(value) ? Math.min(LARGEST_K, Math.max(1, value)) : present;
        k.value = String(checked);
        change({ score: { kind: "top-k", k: checked } });
      },
    },
  });
  const show: Setting["show"] = ({ score }) => {
    if (score.kind !== "top-k" || score.k === present) return;
    present = score.k;
    k.value = String(present);
  };
  return setting("k", show, element("label.labelled", {}, "k", k));
}

function drawLayers({ data, state }: Store, change: Change): Setting {
  const numbers = Array.from({ length: data.info.model.layers }, (_, layer) => ({
    value: String(layer),
    text: `L${layer}`,
  }));
  let [from, to] = state.settings.layers;
  const first = select(l10n.t("Layers"), numbers, String(from), (value) =>
    change({ layers: [Number(value), Math.max(Number(value) + 1, to)] }),
  );
  const last = select(l10n.t("to"), numbers, String(to - 1), (value) =>
    change({ layers: [Math.min(Number(value), from), Number(value) + 1] }),
  );
  const show: Setting["show"] = ({ layers }) => {
    [from, to] = layers;
    first.set(String(from));
    last.set(String(to - 1));
  };
  return setting("layers", show, first, last);
}

/** The settings in words, for a run whose filter cannot change. */
function drawFixed(store: Store): HTMLElement {
  const { preset, layers, textSet } = store.state.settings;
  const text = typeof textSet === "string" ? textSet : l10n.t("chosen words");
  const settings = l10n.t(
    "Preset {0}, layers L{1} to L{2}, text set {3}.",
    preset,
    layers[0],
    layers[1] - 1,
    text,
  );
  return element("p.note", {}, `${settings} ${whyFixed(store) ?? ""}`);
}
