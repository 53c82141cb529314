import { mkdirSync, renameSync } from "node:fs";
import path from "node:path";
import { buildSync } from "esbuild";
import { ModelProcessClient, type ModelProcessOptions } from "../../src/modelClient/client.js";

const HELPERS = import.meta.dirname;
// Inside the project, so that the bundle finds the packages it leaves outside.
const BUNDLES = path.resolve(HELPERS, "../../.cache/test-bundles");

const MAIN = "../../src/runtime/process/main.ts";

const built = new Map<string, string>();

/** A real model process around the fake engine, or around another TypeScript entry of test/helpers. */
export async function startFakeProcess(
  options: Partial<ModelProcessOptions> = {},
  helper = "fakeModelProcess.ts",
): Promise<ModelProcessClient> {
  return ModelProcessClient.start({ entry: bundled(helper), ...options });
}

/** The real model process, as it is in this checkout. */
export async function startModelProcess(
  options: Partial<ModelProcessOptions> = {},
): Promise<ModelProcessClient> {
  return startFakeProcess(options, MAIN);
}

/** Path of the real model process's program, bundled. */
export function modelProcessEntry(): string {
  return bundled(MAIN);
}

/** Bundles an entry once per test file: the process then starts many times faster than through tsx. */
function bundled(helper: string): string {
  const known = built.get(helper);
  if (known !== undefined) return known;
  mkdirSync(BUNDLES, { recursive: true });
  const outfile = path.join(
    BUNDLES,
    `${path.basename(helper, ".ts")}-${process.env["VITEST_POOL_ID"] ?? "0"}.mjs`,
  );
  // Never seen half-written by the tests of another run in this checkout.
  const written = `${outfile}.${process.pid}.mjs`;
  buildSync({
    entryPoints: [path.join(HELPERS, helper)],
    outfile: written,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  renameSync(written, outfile);
  built.set(helper, outfile);
  return outfile;
}
