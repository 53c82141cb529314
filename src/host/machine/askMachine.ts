import { examine, type Examination, type ExamineOptions } from "../../modelClient/doctor/examine.js";
import type { InspectedAnswer, ModelInspection } from "../../protocol/inspection.js";
import type { ViewedPicture } from "../../protocol/modelProcess.js";
import { startBareProcess, withBareProcess, type BareProcessOptions } from "../modelHost/bareProcess.js";

/** What is asked of a model process that loads no model. */
export interface AskMachine {
  /** What the machine has, and which devices work on it. */
  examine(options: ExamineOptions): Promise<Examination>;
  /** What is in a model folder, and what stands in the way. */
  inspect(modelDir: string, answer: InspectedAnswer): Promise<ModelInspection>;
  /** A picture as a page shows it. */
  view(name: string, bytes: Uint8Array): Promise<ViewedPicture>;
}

/** The answers come from a process of their own: a driver that crashes takes no loaded model with it. */
export function makeAskMachine(process: BareProcessOptions): AskMachine {
  return {
    examine: (options) => examine(() => startBareProcess(process), options),
    inspect: (modelDir, answer) =>
      withBareProcess(process, (client) => client.inspectModel({ modelDir, ...answer })),
    view: (name, bytes) => withBareProcess(process, (client) => client.viewPicture({ name, bytes })),
  };
}
