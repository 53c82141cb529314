import type { ReportData } from "../../src/core/run/reportData.js";
import type {
  FromPanel,
  PanelReplies,
  PanelRequests,
  PanelViewState,
  ToPanel,
} from "../../src/protocol/panel.js";

/**
 * What the panel runs in: the editor (`vscodeHost`), or a plain page with a recorded run (`pageHost`). The panel
 * reaches the outside only through this.
 */
export interface PanelHost {
  /** What this place can do; controls for the rest are not drawn. */
  readonly can: {
    /** Run prompts, stop, explain other tokens. */
    readonly run: boolean;
    readonly exports: readonly PanelRequests["export"]["format"][];
  };
  /** The run that a plain page carries inside itself; null where runs come as messages. */
  readonly recorded: ReportData | null;
  send(message: FromPanel): void;
  /** A request with an answer; rejects with DexarError. */
  request<M extends keyof PanelRequests>(method: M, params: PanelRequests[M]): Promise<PanelReplies[M]>;
  listen(listener: (message: ToPanel) => void): void;
  loadState(): PanelViewState | null;
  saveState(state: PanelViewState): void;
}
