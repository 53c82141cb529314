import type { PanelPreferences } from "../../src/protocol/panel.js";
import type { ExtensionLink } from "./extensionLink.js";
import type { OutputItem, Renderer } from "./notebookPage.js";
import { RunOutput } from "./runOutput.js";

/** Milliseconds that an output must be in sight before it is drawn: what only scrolls past is not. */
const GLANCE = 60;
/** Milliseconds out of sight after which an output lets go of its data and canvases. */
const REST = 4000;

/** The runs in the outputs of one notebook: each is drawn while it can be seen, and holds nothing else. */
export class RunOutputs implements Renderer {
  private readonly outputs = new Map<string, RunOutput>();
  private readonly timers = new Map<RunOutput, number>();
  private readonly byPlace = new WeakMap<Element, RunOutput>();
  private readonly sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) this.seen(target, isIntersecting);
  });

  constructor(
    private readonly link: ExtensionLink,
    private readonly preferences: PanelPreferences | null,
  ) {}

  renderOutputItem(item: OutputItem, place: HTMLElement): void {
    const before = this.outputs.get(item.id);
    this.disposeOutputItem(item.id);
    const output = new RunOutput(item, this.link, this.preferences, before);
    this.outputs.set(item.id, output);
    this.byPlace.set(output.root, output);
    place.replaceChildren(output.root);
    this.sight.observe(output.root);
  }

  disposeOutputItem(id?: string): void {
    const gone = id === undefined ? [...this.outputs.keys()] : [id];
    for (const key of gone) {
      const output = this.outputs.get(key);
      if (!output) continue;
      this.outputs.delete(key);
      this.sight.unobserve(output.root);
      this.wait(output, null);
      output.dispose();
    }
  }

  private seen(place: Element, inSight: boolean): void {
    const output = this.byPlace.get(place);
    if (!output) return;
    if (inSight) this.wait(output, GLANCE, () => void output.show());
    else this.wait(output, REST, () => output.rest());
  }

  /** Does something later, instead of what was to be done with the output. */
  private wait(output: RunOutput, time: number | null, act: () => void = () => undefined): void {
    window.clearTimeout(this.timers.get(output));
    this.timers.delete(output);
    if (time !== null) this.timers.set(output, window.setTimeout(act, time));
  }
}
