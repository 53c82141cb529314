import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StreamedArray } from "../../src/core/run/streamedArray.js";
import { joinBatches, type CapturedBatch } from "../../src/runtime/answer/capture.js";
import { GradientSpool } from "../../src/runtime/answer/gradientSpool.js";
import { streamBatches } from "../../src/runtime/answer/streamBatches.js";

const SHAPE = { layers: 2, heads: 3 };
const PROMPT = 4;
const COUNTS = [2, 2, 1];
const POSITIONS = PROMPT + 5 - 1;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dexar-spool-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Batches of 2, 2 and 1 tokens with a different number everywhere. */
function madeBatches(): CapturedBatch[] {
  let next = 1;
  const numbers = (length: number) => Float32Array.from({ length }, () => next++);
  let first = 0;
  return COUNTS.map((count) => {
    const positions = PROMPT + first + count - 1;
    const rows = count * SHAPE.heads * positions;
    const batch = {
      ...{ first, count, positions },
      gradient: numbers(rows * SHAPE.layers),
      referenceLast: numbers(rows),
      lens: numbers(count * SHAPE.layers),
    };
    first += count;
    return batch;
  });
}

const whole = (array: StreamedArray) => {
  const values = Array.from(array.pieces()).flatMap((piece) => Array.from(piece));
  expect(values).toHaveLength(array.length);
  return Float32Array.from(values);
};

describe("gradients in a file", () => {
  test.each([
    ["all of them", 0],
    ["those after the first batch", 4 * (2 * 3 * 5 * 3)],
    ["none", Infinity],
  ])("are what they are in memory: %s", (_, maxInMemory) => {
    const spool = new GradientSpool(join(folder, "run.dexar"), maxInMemory);
    const kept = madeBatches().map(spool.keep);
    const inMemory = kept.map((batch) => batch.gradient === batch.gradient);
    expect(inMemory).toEqual(
      COUNTS.map((_count, i) => maxInMemory === Infinity || (i === 0 && maxInMemory > 0)),
    );
    const { gradient, gradientReferenceLast, lensLogit } = streamBatches(kept, SHAPE, POSITIONS);
    const expected = joinBatches(madeBatches(), SHAPE, POSITIONS);
    // Twice: a run file's checksum is taken before it is written.
    for (let pass = 0; pass < 2; pass++) {
      expect(whole(gradient)).toEqual(expected.gradient);
      expect(whole(gradientReferenceLast)).toEqual(expected.gradientReferenceLast);
    }
    expect(lensLogit).toEqual(expected.lensLogit);
    spool.dispose();
  });

  test("leave nothing behind, whatever happens meanwhile", () => {
    const spool = new GradientSpool(join(folder, "run.dexar"), 0);
    const [batch] = madeBatches().map(spool.keep);
    expect(readdirSync(folder)).toEqual([]);
    spool.dispose();
    expect(() => batch?.gradient).toThrow("the gradients are gone");
  });

  test("stay in memory where no file can be made", () => {
    const spool = new GradientSpool(join(folder, "no-such-folder", "run.dexar"), 0);
    const [given] = madeBatches();
    if (given === undefined) throw new Error("no batch");
    expect(spool.keep(given)).toBe(given);
    spool.dispose();
  });
});
