import { element } from "./element.js";

/** A row of buttons of which one is pressed. */
export interface Segments<V extends string> {
  readonly root: HTMLElement;
  set(value: V): void;
}

/** Makes a row of buttons; `choose` is told the value of the one pressed. */
export function segments<V extends string>(
  label: string,
  choices: readonly { readonly value: V; readonly text: string; readonly title?: string }[],
  start: V,
  choose: (value: V) => void,
): Segments<V> {
  const buttons = choices.map(({ value, text, title }) =>
    element(
      "button",
      {
        attributes: { type: "button", title, "aria-pressed": String(value === start), "data-value": value },
        on: {
          click: () => {
            control.set(value);
            choose(value);
          },
        },
      },
      text,
    ),
  );
  const control: Segments<V> = {
    root: element("div.segments", { attributes: { role: "group", "aria-label": label } }, ...buttons),
    set(value) {
      for (const button of buttons)
        button.setAttribute("aria-pressed", String(button.dataset["value"] === value));
    },
  };
  return control;
}
