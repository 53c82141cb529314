import type { ComparisonData } from "../../src/core/compare/comparisonData.js";
import { unpackArrays } from "../../src/core/run/packArrays.js";
import type { CompareViewState, FromCompare, ToCompare } from "../../src/protocol/compare.js";

/** What a comparison runs in: the editor, or a plain page with both runs inside. */
export interface CompareHost {
  /** The runs of a plain page; null where they come as messages. */
  readonly recorded: ComparisonData | null;
  send(message: FromCompare): void;
  listen(listener: (message: ToCompare) => void): void;
  loadState(): CompareViewState | null;
  saveState(state: CompareViewState): void;
}

interface VsCodeApi {
  postMessage(message: FromCompare): void;
  getState(): unknown;
  setState(state: CompareViewState): void;
}

/** The page inside the editor. Call once: the editor hands out its interface a single time. */
export function editorHost(api: VsCodeApi, page: Window): CompareHost {
  return {
    recorded: null,
    send: (message) => api.postMessage(message),
    listen(listener) {
      page.addEventListener("message", (event: MessageEvent<unknown>) => {
        if (event.origin === page.origin && isMessage(event.data)) listener(event.data);
      });
    },
    loadState: () => readState(api.getState()),
    saveState: (state) => api.setState(state),
  };
}

/** A plain page that carries two runs (`dexar compare --html`). */
export function recordedHost(page: Document): CompareHost {
  const text = page.getElementById("run")?.textContent;
  if (!text) throw new Error("the page has no runs inside");
  return {
    recorded: unpackArrays(text) as ComparisonData,
    send: () => undefined,
    listen: () => undefined,
    loadState: () => null,
    saveState: () => undefined,
  };
}

function isMessage(data: unknown): data is ToCompare {
  return typeof data === "object" && data !== null && "kind" in data && typeof data.kind === "string";
}

function readState(kept: unknown): CompareViewState | null {
  if (typeof kept !== "object" || kept === null || !("version" in kept) || kept.version !== 1) return null;
  // The extension has made the sources and reads them back; the rest is checked where it is used.
  return kept as CompareViewState;
}
