import type { BenchReport } from "../bench/report/types.js";
import type { BenchContext, BenchOptions } from "../bench/runBench.js";
import type { ComparisonData } from "../core/compare/comparisonData.js";
import type { ShownAttribution } from "../core/run/shownAttribution.js";
import type { Run } from "../core/run/types.js";
import type { InspectedAnswer, ModelInspection, ModelVerification } from "../runtime/engineTypes.js";
import type { DeviceWish } from "../protocol/modelProcess.js";
import type { ComparedReport } from "./report/comparisonHtml.js";
import type { ModelProcessClient } from "../modelClient/client.js";

/** The part of the model process that the commands use. */
export type ModelClient = Pick<
  ModelProcessClient,
  "load" | "explain" | "generate" | "diagnose" | "checkDevice" | "dispose" | "kill"
>;

/** What the commands call beyond core; replaced in tests. */
export interface CliServices {
  readonly version: string;
  /** Folder of the bundled models. */
  readonly modelsDir: string;
  createClient(signal: AbortSignal): Promise<ModelClient>;
  renderReport(run: Run, attribution: ShownAttribution): Promise<string>;
  renderComparison(
    runs: { readonly a: ComparedReport; readonly b: ComparedReport },
    shown: Pick<ComparisonData, "names" | "choice">,
  ): Promise<string>;
  inspectModel(dir: string, answer: InspectedAnswer): Promise<ModelInspection>;
  verifyModel(dir: string, wish: DeviceWish): Promise<ModelVerification>;
  runBench(options: BenchOptions, context: Omit<BenchContext, "startClient">): Promise<BenchReport>;
}
