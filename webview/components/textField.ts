import { element } from "./element.js";
import type { TextArea, TextField } from "./toolkit.js";

/** What a text box starts with. */
export interface TextOptions {
  readonly value: string;
  readonly placeholder?: string;
}

/** A labelled box for one line; `input` is told the text at each change. Set its `value` from outside. */
export function textField(label: string, options: TextOptions, input: (text: string) => void): TextField {
  const made = element(
    "vscode-text-field",
    { attributes: { placeholder: options.placeholder }, on: { input: () => input(made.value) } },
    label,
  );
  made.value = options.value;
  return made;
}

/** A labelled box for several lines that is as high as its text; `input` is told the text at each change. */
export interface TextBox {
  readonly root: TextArea;
  set(text: string): void;
}

/** Makes a box for several lines. */
export function textArea(label: string, options: TextOptions, input: (text: string) => void): TextBox {
  const root = element(
    "vscode-text-area",
    {
      attributes: { placeholder: options.placeholder, rows: 1, resize: "none" },
      on: {
        input: () => {
          grow();
          input(root.value);
        },
      },
    },
    label, // the toolkit makes the name of it; styles hide it
  );
  const grow = (): void => {
    const inner = root.shadowRoot?.querySelector("textarea");
    if (!inner) return;
    inner.style.height = "auto";
    inner.style.height = `${inner.scrollHeight + 2}px`;
  };
  root.value = options.value;
  let width = 0;
  new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    grow();
  }).observe(root);
  return {
    root,
    set(text) {
      if (root.value === text) return;
      root.value = text;
      requestAnimationFrame(grow);
    },
  };
}
