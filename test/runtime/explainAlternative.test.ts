import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { readRun } from "../../src/core/run/readRun.js";
import type { Run } from "../../src/core/run/types.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { createEngine } from "../../src/runtime/engine.js";
import { BUNDLED_MODEL, bundledRequest } from "../helpers/bundledModel.js";
import { maxDifference } from "../helpers/compare.js";
import { neverAborted } from "../helpers/explainRequest.js";
import { containing } from "../helpers/matchers.js";

const engine = createEngine();
const quiet = () => undefined;
const folder = mkdtempSync(join(tmpdir(), "dexar-alternative-"));
const runPath = join(folder, "run.dexar");
let run: Run;

beforeAll(async () => {
  await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "fp32" }, quiet);
  const files = { runPath, picturePath: join(folder, "run.png"), digestPath: join(folder, "run.digest") };
  await engine.explainToFile({ ...bundledRequest({ captureEvery: 7 }), files }, quiet, neverAborted);
  ({ run } = await readRun(new Uint8Array(readFileSync(runPath))));
});
afterAll(async () => {
  await engine.dispose();
  rmSync(folder, { recursive: true });
});

const alternative = (index: number, tokenId: number, path = runPath) =>
  engine.explainAlternative({ runPath: path, index, tokenId }, neverAborted);

/** Token `index`'s row of an array [T, …]. */
function rowOf(array: Float32Array | null, index: number, tokens: number): Float32Array {
  if (array === null) throw new Error("the run has no gradient");
  const size = array.length / tokens;
  return array.subarray(index * size, (index + 1) * size);
}

const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Writes the run with changes to a file of its own. */
async function changedRun(name: string, change: (run: Run) => Run): Promise<string> {
  const changed = change(run);
  const path = join(folder, name);
  writeFileSync(path, await writeRun(changed, attribute(attributionInput(run), run.info.settings)));
  return path;
}

describe("explainAlternative", () => {
  test("of the token that was chosen gives the run's own row, at every step", async () => {
    const { tokens } = run.info;
    const scale = largest(run.arrays.gradient ?? new Float32Array());
    for (const [index, token] of tokens.entries()) {
      const made = await alternative(index, token.id);
      const own = rowOf(run.arrays.gradient, index, tokens.length);
      const reference = rowOf(run.arrays.gradientReferenceLast, index, tokens.length);
      expect(maxDifference(made.gradient, own)).toBeLessThan(1e-4 * scale);
      expect(maxDifference(made.gradientReferenceLast, reference)).toBeLessThan(1e-4 * largest(reference));
      expect(made.logprob).toBeCloseTo(token.logprob, 3);
      expect([made.tokenId, made.text]).toEqual([token.id, token.text]);
    }
  });

  test("of another token gives the last row of the answer forced up to it", async () => {
    const index = 3;
    const { tokens } = run.info;
    const other = tokens[index]?.alternatives.find((choice) => choice.id !== tokens[index]?.id);
    const tokenId = other?.id ?? -1;
    const made = await alternative(index, tokenId);
    const ids = [...tokens.slice(0, index).map((token) => token.id), tokenId];
    const forced = await engine.explain(bundledRequest({ target: { ids } }), quiet, neverAborted);
    const row = rowOf(forced.arrays.gradient, index, index + 1);
    const [from, to] = [forced.arrays.inputIds.length - 1, run.arrays.inputIds.length - 1];
    const widened = new Float32Array((row.length / from) * to);
    for (let r = 0; r < row.length / from; r++) widened.set(row.subarray(r * from, (r + 1) * from), r * to);
    expect(largest(row)).toBeGreaterThan(0);
    expect(maxDifference(made.gradient, widened)).toBeLessThan(1e-4 * largest(row));
    expect(made.logprob).toBeCloseTo(other?.logprob ?? NaN, 3);
    expect(made.text).toBe(other?.text);
  });

  test("is refused when another model is loaded, naming both", async () => {
    const other = createEngine();
    await other.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "q4" }, quiet);
    const asked = other.explainAlternative({ runPath, index: 0, tokenId: 5 }, neverAborted);
    await expect(asked).rejects.toMatchObject({
      code: "wrong-model",
      message: "The run was made with emoji-llava (fp32), but emoji-llava (q4) is loaded.",
      nextStep: "Load emoji-llava (fp32) and ask again.",
    });
    await other.dispose();
    const model = {
      ...run.info.model,
      files: run.info.model.files.map((f) => ({ ...f, sha256: "0".repeat(64) })),
    };
    const path = await changedRun("other-files.dexar", (r) => ({ ...r, info: { ...r.info, model } }));
    await expect(alternative(0, 5, path)).rejects.toMatchObject({
      code: "wrong-model",
      message: containing("with other files"),
    });
  });

  test("is refused when prompt or pixels are not the run's any more", async () => {
    const inputIds = run.arrays.inputIds.slice();
    inputIds[inputIds.length - run.info.tokens.length - 1] = 7;
    const ids = await changedRun("ids.dexar", (r) => ({ ...r, arrays: { ...r.arrays, inputIds } }));
    await expect(alternative(0, 5, ids)).rejects.toMatchObject({
      code: "run-not-reproducible",
      message: containing("other token ids"),
    });
    const tokens = run.info.tokens.map((token) => ({ ...token, logprob: token.logprob - 1 }));
    const pixels = await changedRun("pixels.dexar", (r) => ({ ...r, info: { ...r.info, tokens } }));
    await expect(alternative(0, 5, pixels)).rejects.toMatchObject({
      code: "run-not-reproducible",
      message: containing("log-probability"),
    });
  });

  test.each([
    ["a token the answer does not have", 99, 5, "bad-alternative"],
    ["an id outside the vocabulary", 0, 1_000_000, "bad-target"],
  ])("refuses %s", async (_, index, tokenId, code) => {
    await expect(alternative(index, tokenId)).rejects.toMatchObject({ code });
  });

  test("says when the run file is gone or damaged", async () => {
    await expect(alternative(0, 5, join(folder, "gone.dexar"))).rejects.toMatchObject({
      code: "run-not-found",
    });
    const path = join(folder, "cut.dexar");
    writeFileSync(path, readFileSync(runPath).subarray(0, 1000));
    await expect(alternative(0, 5, path)).rejects.toMatchObject({ code: "run-file-damaged" });
  });

  test("can be cancelled", async () => {
    const asked = engine.explainAlternative({ runPath, index: 0, tokenId: 5 }, AbortSignal.abort());
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
  });
});
