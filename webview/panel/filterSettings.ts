import type { AttributionSettings, Preset } from "../../src/core/attribution/settings.js";
import { element } from "../components/element.js";
import { select } from "../components/select.js";
import type { Store } from "./store.js";

/** Preset, text set and layer range; a change is worked out at once from the gradient inside the page. */
export function drawSettings(store: Store): HTMLElement {
  const { data } = store;
  const { settings } = store.state;
  if (data.arrays.gradient === null) {
    const shown = `Preset ${settings.preset}, layers ${rangeText(settings)}, text set ${textSetName(settings)}.`;
    return element("p.note", {}, `${shown} ${data.gradientNote ?? ""}`);
  }
  const change = (part: Partial<AttributionSettings>): void => {
    const changed = { ...store.state.settings, ...part };
    store.set({ settings: changed });
  };
  const numbers = Array.from({ length: data.info.model.layers }, (_, layer) => ({
    value: String(layer),
    text: `L${layer}`,
  }));
  const first = select("Layers", numbers, String(settings.layers[0]), (value) => {
    const from = Number(value);
    change({ layers: [from, Math.max(from + 1, store.state.settings.layers[1])] });
    setValue(last, String(store.state.settings.layers[1] - 1));
  });
  const last = select("to", numbers, String(settings.layers[1] - 1), (value) => {
    const end = Number(value) + 1;
    change({ layers: [Math.min(end - 1, store.state.settings.layers[0]), end] });
    setValue(first, String(store.state.settings.layers[0]));
  });
  const presets: readonly { value: Preset; text: string }[] = [
    { value: "paper", text: "paper" },
    ...(data.arrays.gradientReferenceLast ? [{ value: "reference" as const, text: "reference" }] : []),
  ];
  return element(
    "div.settings",
    { attributes: { role: "group", "aria-label": "Filter settings" } },
    select("Preset", presets, settings.preset, (preset) => change({ preset })),
    drawTextSet(settings, change),
    first,
    last,
  );
}

function drawTextSet(
  settings: AttributionSettings,
  change: (part: Partial<AttributionSettings>) => void,
): HTMLElement {
  const chosen =
    typeof settings.textSet === "string" ? [] : [{ value: "chosen" as const, text: "chosen positions" }];
  const choices = [
    { value: "all" as const, text: "all" },
    { value: "no-special" as const, text: "no special tokens" },
    { value: "prompt" as const, text: "prompt" },
    { value: "generated" as const, text: "answer so far" },
    ...chosen,
  ];
  const start = typeof settings.textSet === "string" ? settings.textSet : "chosen";
  return select("Text set", choices, start, (value) =>
    change({ textSet: value === "chosen" ? settings.textSet : value }),
  );
}

function setValue(label: HTMLLabelElement, value: string): void {
  const control = label.querySelector("select");
  if (control) control.value = value;
}

function rangeText({ layers }: AttributionSettings): string {
  return `L${layers[0]} to L${layers[1] - 1}`;
}

function textSetName({ textSet }: AttributionSettings): string {
  return typeof textSet === "string" ? textSet : "chosen positions";
}
