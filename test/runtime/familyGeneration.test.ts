import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { SOURCE_HEADS } from "../../src/core/attribution/sources.js";
import { runTokenSources } from "../../src/core/run/runSources.js";
import type { Run } from "../../src/core/run/types.js";
import { writeRun } from "../../src/core/run/writeRun.js";
import { explainAnswer } from "../../src/runtime/answer/explain.js";
import { loadModel } from "../../src/runtime/model/loadModel.js";
import { maxDifference } from "../helpers/compare.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { familyCases, familyFolder } from "../helpers/familyFolder.js";

/** Tiles, position ids in three dimensions, a prefix that attends to itself, an encoder, token types, parallel blocks. */
const FAMILIES = ["smolvlm", "qwen2vl", "paligemma", "florence2", "gemma3", "moondream"];

const folder = mkdtempSync(join(tmpdir(), "dexar-family-generation-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(FAMILIES)("a %s answer", (name) => {
  const dir = familyFolder(name, null);
  const [first] = familyCases(dir);
  if (!first) throw new Error(`${name} has no golden case`);
  const question = { imagePath: first.image, prompt: first.question, rawPrompt: false };
  const ids = ({ info }: Run) => info.tokens.map(({ id }) => id);

  test("goes on where it was cut as if it had not been, and is divided between picture and text", async () => {
    const vlm = await loadModel(dir, "fp32");
    try {
      const explain = (change: object) =>
        explainAnswer(vlm, explainRequest({ ...question, ...change }), () => undefined, neverAborted);
      const whole = await explain({ maxNewTokens: 5 });
      const cut = await explain({ maxNewTokens: 2 });
      const continueFrom = join(folder, `${name}.dexar`);
      writeFileSync(continueFrom, await writeRun(cut, attribute(attributionInput(cut), cut.info.settings)));
      const run = await explain({ continueFrom, imagePath: "", maxNewTokens: 3 });
      expect(ids(run)).toEqual(ids(whole));
      const expected = whole.arrays.gradient ?? new Float32Array();
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(maxDifference(run.arrays.gradient ?? [], expected)).toBeLessThan(1e-4 * scale);

      const attribution = attribute(attributionInput(whole), whole.info.settings);
      for (const [token] of whole.info.tokens.entries()) {
        for (const choice of SOURCE_HEADS) {
          const share = runTokenSources(whole, attribution, token, choice)?.share ?? new Float32Array();
          const sum = share.reduce((total, value) => total + value, 0);
          expect(Math.abs(sum - Math.round(sum))).toBeLessThan(1e-5);
          if (choice === "all") expect(Math.round(sum)).toBe(1);
        }
      }
    } finally {
      await vlm.dispose();
    }
  });
});
