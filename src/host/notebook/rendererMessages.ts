import * as vscode from "vscode";
import { RUN_RENDERER_ID, type FromRunOutput, type ToRunOutput } from "../../protocol/notebookOutput.js";
import type { PanelPreferences } from "../../protocol/panel.js";
import { shownFailure } from "../errors/shownFailure.js";
import { runMissing } from "../runs/runMissing.js";
import type { Panels, RunStore } from "../services.js";

/** What the outputs of notebooks can ask for. */
export interface RunOutputServices {
  readonly runs: Pick<RunStore, "ready" | "get">;
  readonly panels: Pick<Panels, "openRun">;
  preferences(): PanelPreferences;
}

/**
 * Answers the outputs of all notebooks of this window: how to draw, and *Open in panel*.
 * @param services asked for when the first output shows up
 */
export function answerRunOutputs(services: () => RunOutputServices): vscode.Disposable {
  const messaging = vscode.notebooks.createRendererMessaging(RUN_RENDERER_ID);
  return messaging.onDidReceiveMessage(({ editor, message }) => {
    const reply = (answer: ToRunOutput): void => void messaging.postMessage(answer, editor);
    const asked = message as FromRunOutput;
    switch (asked.kind) {
      case "ready": {
        const strings = (vscode.l10n.bundle as Record<string, string> | undefined) ?? null;
        return reply({ kind: "init", strings, preferences: services().preferences() });
      }
      case "open":
        return void open(services(), asked.runId).then((failure) =>
          reply({ kind: "opened", request: asked.request, failure }),
        );
    }
  });
}

/** @returns why it could not be opened, for the output to say */
async function open({ runs, panels }: RunOutputServices, runId: string) {
  try {
    await runs.ready;
    if (!runs.get(runId)) throw runMissing();
    await panels.openRun(runId);
    return null;
  } catch (error) {
    const { message, nextStep } = shownFailure(error).error;
    return { message, nextStep };
  }
}
