import type { ModelProcessEvent } from "../../protocol/modelProcess.js";
import type { ExplainListener } from "../services.js";

/** The phase that begins with an event; null for events inside a phase. */
export function phaseOf(event: ModelProcessEvent): Parameters<ExplainListener["onPhase"]>[0] | null {
  if (event.kind !== "stage") return null;
  switch (event.stage) {
    case "loading":
    case "image":
    case "prompt":
    case "generating":
    case "explaining":
    case "saving":
      return event.stage;
    case "done":
      return null;
  }
}
