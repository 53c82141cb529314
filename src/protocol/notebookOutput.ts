import type { SerializedError } from "../core/serializedError.js";
import type { PanelPreferences } from "./panel.js";

export type { RunOutputFile } from "../core/run/runOutput.js";

/** Media type of a run in a notebook's output, as JSON text of a `RunOutputFile`; the notebook renderer draws it. */
export const RUN_OUTPUT_MIME = "application/vnd.dexar.run+json";

/** Id of the renderer in package.json. */
export const RUN_RENDERER_ID = "dexar.run-renderer";

/** From the outputs of a notebook to the extension; outputs also work where nobody answers. */
export type FromRunOutput =
  | { readonly kind: "ready" }
  /** Show the run in a panel. */
  | { readonly kind: "open"; readonly request: number; readonly runId: string };

/** From the extension to the outputs of a notebook. */
export type ToRunOutput =
  | {
      readonly kind: "init";
      /** `vscode.l10n.bundle`: translations by English text; null for English. */
      readonly strings: Readonly<Record<string, string>> | null;
      readonly preferences: PanelPreferences;
    }
  | {
      readonly kind: "opened";
      readonly request: number;
      /** Why not; null: the panel is there. */
      readonly failure: Pick<SerializedError, "message" | "nextStep"> | null;
    };
