import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MOST_MEAN } from "../../tools/preprocessing/formatPreprocessing.js";
import { openHubProcessor, readGoldens } from "../../tools/preprocessing/measure.js";

const { settings, cases, pictures } = readGoldens();
const table = readFileSync("docs/preprocessing.md", "utf8");

// The command `npm run docs:preprocessing` measures all pictures; here each setting is measured once a way.
describe.each(settings.map((one) => [one.name, one] as const))("pixel values of %s", (name, one) => {
  test.each(["down", "up"] as const)("are those of Python, %s", async (direction) => {
    const golden = cases.find((found) => found.settings === name && found.direction === direction);
    if (!golden) throw new Error(`${name} ${direction} is not recorded`);
    const processor = await openHubProcessor(one);
    const { mean, most } = await processor.measure(golden, pictures[golden.picture] ?? "", "pil");
    processor.close();
    expect(mean).toBeLessThanOrEqual(MOST_MEAN);
    expect(most).toBeLessThanOrEqual(2);
  });

  test("are in the table, both ways, within the limit for every picture", () => {
    const rows = table.split("\n").filter((line) => line.startsWith(`| ${name} `));
    expect(rows.map((row) => row.split("|")[2]?.trim())).toEqual(["down", "up"]);
    for (const row of rows) {
      const means = row.split("|").slice(3, 8).map(Number);
      expect(means).toHaveLength(Object.keys(pictures).length);
      for (const mean of means) expect(mean).toBeLessThanOrEqual(MOST_MEAN);
    }
  });
});
