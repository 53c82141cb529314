import { deserializeError } from "../../src/core/serializedError.js";
import type { FromPanel, PanelReplies, PanelViewState, ToPanel } from "../../src/protocol/panel.js";
import type { PanelHost } from "./panelHost.js";

interface VsCodeApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: PanelViewState): void;
}

type Reply = Extract<ToPanel, { kind: "reply" }>["result"];

/** The page inside the editor. Call once: the editor hands out its interface a single time. */
export function vscodeHost(api: VsCodeApi, page: Window): PanelHost {
  const open = new Map<number, (result: Reply) => void>();
  let lastId = 0;
  return {
    can: { run: true, exports: ["png", "svg", "json", "run", "html"] },
    recorded: null,
    send: (message) => api.postMessage(message),
    request(method, params) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        open.set(id, (result) => {
          if ("error" in result) reject(deserializeError(result.error));
          // The extension answers each method with its own reply; the union cannot say so.
          else resolve(result.ok as PanelReplies[typeof method]);
        });
        api.postMessage({ kind: "request", id, method, params } as FromPanel);
      });
    },
    listen(listener) {
      page.addEventListener("message", (event: MessageEvent<unknown>) => {
        if (event.origin !== page.origin || !isMessage(event.data)) return;
        const message = event.data;
        if (message.kind !== "reply") return listener(message);
        open.get(message.id)?.(message.result);
        open.delete(message.id);
      });
    },
    loadState: () => readViewState(api.getState()),
    saveState: (state) => api.setState(state),
  };
}

function isMessage(data: unknown): data is ToPanel {
  return typeof data === "object" && data !== null && "kind" in data && typeof data.kind === "string";
}

/** A kept state if it is one of this version, else null: then the page starts as new. */
export function readViewState(kept: unknown): PanelViewState | null {
  if (typeof kept !== "object" || kept === null) return null;
  const { version, runId, draft, page } = kept as Partial<Record<keyof PanelViewState, unknown>>;
  if (version !== 1 || !(runId === null || typeof runId === "string")) return null;
  return { version, runId, draft: readDraft(draft), page };
}

function readDraft(draft: unknown): PanelViewState["draft"] {
  if (typeof draft !== "object" || draft === null) return null;
  const { prompt, target, maxNewTokens, live } = draft as Record<string, unknown>;
  const right =
    typeof prompt === "string" &&
    (target === null || typeof target === "string") &&
    typeof maxNewTokens === "number" &&
    typeof live === "boolean";
  return right ? { prompt, target, maxNewTokens, live } : null;
}
