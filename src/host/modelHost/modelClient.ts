import type { CallOptions, ModelProcessOptions } from "../../modelClient/client.js";
import type { MethodName, ModelProcessMethods } from "../../protocol/modelProcess.js";

type Call<M extends MethodName> = (
  params: ModelProcessMethods[M]["params"],
  options?: CallOptions,
) => Promise<ModelProcessMethods[M]["result"]>;

/** What the editor needs of a running model process (`ModelProcessClient`). */
export interface ModelClient {
  readonly pid: number | undefined;
  readonly load: Call<"load">;
  readonly explainToFile: Call<"explainToFile">;
  readonly explainAlternative: Call<"explainAlternative">;
  readonly renderFigure: Call<"renderFigure">;
  readonly viewPicture: Call<"viewPicture">;
  readonly diagnose: (options?: CallOptions) => Promise<ModelProcessMethods["diagnose"]["result"]>;
  readonly checkDevice: Call<"checkDevice">;
  readonly inspectModel: Call<"inspectModel">;
  dispose(): Promise<void>;
  kill(): void;
}

/** Starts a model process and waits until it answers. */
export type StartModelClient = (options: ModelProcessOptions) => Promise<ModelClient>;
