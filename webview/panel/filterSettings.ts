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

/** Preset, text set, score, layers and stop token; a change is worked out at once from the gradient in the page. */
export function drawSettings(store: Store): HTMLElement {
  const root = element("div.settings", {
    attributes: { role: "group", "aria-label": l10n.t("Filter settings") },
  });
  const change: Change = (part) => store.set({ settings: { ...store.state.settings, ...part } });
  const draw = (): void => {
    const focused = root.contains(document.activeElement)
      ? document.activeElement?.closest<HTMLElement>("[data-setting]")?.dataset["setting"]
      : undefined;
    const controls = canChangeFilter(store) ? drawControls(store, change) : [drawFixed(store)];
    root.replaceChildren(...controls);
    if (focused !== undefined)
      root
        .querySelector<HTMLElement>(
          `[data-setting="${focused}"] :is(vscode-dropdown, vscode-checkbox, input)`,
        )
        ?.focus();
  };
  let shown = "";
  const drawChanged = (): void => {
    const key = JSON.stringify([store.state.settings, whyFixed(store), store.data.info.settings]);
    if (key !== shown) draw();
    shown = key;
  };
  store.listen((changed) => {
    if (changed.has("settings") || changed.has("data")) drawChanged();
  });
  drawChanged();
  return root;
}

/** A control with the name by which it is found again after everything was drawn anew. */
function setting(name: string, ...controls: readonly Node[]): HTMLElement {
  return element("div.setting", { attributes: { "data-setting": name } }, ...controls);
}

function drawControls(store: Store, change: Change): HTMLElement[] {
  const { settings } = store.state;
  const saved = store.data.info.settings;
  const stop = checkbox(l10n.t("Include the end token"), settings.includeStop, (includeStop) =>
    change({ includeStop }),
  );
  const back = button(
    l10n.t("Back to the run's settings"),
    { title: l10n.t("Preset, text set, score, layers and heads as they were when the run was saved") },
    () => store.set({ settings: saved }),
  );
  back.disabled = JSON.stringify(settings) === JSON.stringify(saved);
  return [
    drawPreset(store, change),
    drawTextSet(store, change),
    ...drawScore(settings.score, change),
    drawLayers(store, change),
    setting("stop", stop),
    setting("back", back),
  ];
}

function drawPreset({ data, state }: Store, change: Change): HTMLElement {
  const reference = { value: "reference" as const, text: l10n.t("reference") };
  const presets: { value: Preset; text: string }[] = [{ value: "paper", text: l10n.t("paper") }];
  if (data.arrays.gradientReferenceLast) presets.push(reference);
  return setting(
    "preset",
    select(l10n.t("Preset"), presets, state.settings.preset, (preset) => change({ preset })),
  );
}

type TextSetName = Exclude<TextSet, object> | "chosen";

function drawTextSet(store: Store, change: Change): HTMLElement {
  const choices: { value: TextSetName; text: string }[] = [
    { value: "all", text: l10n.t("all") },
    { value: "no-special", text: l10n.t("no special tokens") },
    { value: "prompt", text: l10n.t("prompt") },
    { value: "generated", text: l10n.t("answer so far") },
    { value: "chosen", text: l10n.t("chosen words") },
  ];
  const { textSet } = store.state.settings;
  const start = typeof textSet === "object" ? "chosen" : textSet;
  const choose = (value: TextSetName): void => {
    if (value !== "chosen") change({ textSet: value });
    else {
      // Starts from what the present set holds, so that nothing changes before a word is clicked.
      change({ textSet: { positions: textSetPositions(store.data.info, store.state.settings.textSet) } });
      store.set({ tab: "prompt" });
    }
  };
  const parts: Node[] = [select(l10n.t("Text set"), choices, start, choose)];
  const chosen = chosenPositions(store.state.settings);
  if (chosen) {
    const show = (): void => store.set({ tab: "prompt" });
    parts.push(button(l10n.t("{0} chosen, show", chosen.size), {}, show));
  }
  return setting("text-set", ...parts);
}

const LARGEST_K = 64;

function drawScore(score: Score, change: Change): HTMLElement[] {
  const choices: { value: Score["kind"]; text: string }[] = [
    { value: "max", text: l10n.t("max") },
    { value: "mean", text: l10n.t("mean") },
    { value: "top-k", text: l10n.t("top-k") },
  ];
  const kind = select(l10n.t("Score"), choices, score.kind, (value) =>
    change({ score: value === "top-k" ? { kind: value, k: 5 } : { kind: value } }),
  );
  if (score.kind !== "top-k") return [setting("score", kind)];
  const k = element("input.number", {
    attributes: { type: "number", min: 1, max: LARGEST_K, step: 1, value: score.k },
    on: {
      change: () => {
        const value = Math.round(k.valueAsNumber);
        const checked = Number.isFinite(value) ? Math.min(LARGEST_K, Math.max(1, value)) : score.k;
        k.value = String(checked);
        change({ score: { kind: "top-k", k: checked } });
      },
    },
  });
  return [setting("score", kind), setting("k", element("label.labelled", {}, "k", k))];
}

function drawLayers({ data, state }: Store, change: Change): HTMLElement {
  const numbers = Array.from({ length: data.info.model.layers }, (_, layer) => ({
    value: String(layer),
    text: `L${layer}`,
  }));
  const [from, to] = state.settings.layers;
  const first = select(l10n.t("Layers"), numbers, String(from), (value) =>
    change({ layers: [Number(value), Math.max(Number(value) + 1, to)] }),
  );
  const last = select(l10n.t("to"), numbers, String(to - 1), (value) =>
    change({ layers: [Math.min(Number(value), from), Number(value) + 1] }),
  );
  return setting("layers", first, last);
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
