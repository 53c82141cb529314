import { fileURLToPath } from "node:url";
import { ModelProcessClient, type ModelProcessOptions } from "../../src/runtime/process/client.js";

/** A real model process around the fake engine, or around another TypeScript entry of test/helpers. */
export function startFakeProcess(
  options: Partial<ModelProcessOptions> = {},
  helper = "fakeModelProcess.ts",
): Promise<ModelProcessClient> {
  const entry = fileURLToPath(new URL(helper, import.meta.url));
  return ModelProcessClient.start({ entry, execArgv: ["--import", "tsx"], ...options });
}
