import { describe, expect, it } from "vitest";
import type { CliContext } from "../../src/cli/context.js";
import { withModel } from "../../src/cli/withModel.js";
import type { LoadedModel } from "../../src/protocol/modelProcess.js";

const REQUEST = { modelDir: "m", device: "auto", dtype: null } as const;

/** What a command that loads a model writes to stderr. */
async function stderrWith(loaded: Partial<LoadedModel>): Promise<string> {
  let stderr = "";
  const stream = { write: (text: string) => void (stderr += text), isTTY: false, columns: 100 };
  const client = { load: () => Promise.resolve(loaded), dispose: () => Promise.resolve() };
  const context = {
    io: {
      stdout: stream,
      stderr: stream,
      env: {},
      onInterrupt: () => () => undefined,
      exitNow: () => undefined,
    },
    services: { createClient: () => Promise.resolve(client) },
  } as unknown as CliContext;
  await withModel(context, REQUEST, () => Promise.resolve());
  return stderr;
}

describe("the device of a loaded model", () => {
  it("is told of on stderr when it is not the preferred one", async () => {
    const deviceNotice = "WebGPU is not used, the model runs on the CPU: there is no card.";
    expect(await stderrWith({ device: "cpu", deviceNotice })).toBe(`${deviceNotice}\n`);
  });

  it("needs no words otherwise", async () => {
    expect(await stderrWith({ device: "webgpu", deviceDifference: 1e-6 })).toBe("");
  });
});
