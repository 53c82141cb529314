import { expect, it } from "vitest";
import type { TextbookMeasurements } from "../../../src/bench/measure/textbook.js";
import { textbookFacts, textbookRows } from "../../../src/bench/report/textbookRows.js";
import { textbookText } from "../../../src/bench/report/textbookText.js";
import { TEXTBOOK_RESULT } from "../../helpers/textbookStandIn.js";

const SETTING = {
  shape: "smolvlm-256m",
  style: "fused",
  dtype: "fp32",
  promptTokens: 832,
  tokens: 16,
} as const;
const MEASURED: TextbookMeasurements = {
  ours: [
    { tokens: 20, whole: [2000, 3000, 1000] },
    { tokens: 64, whole: [5000] },
  ],
  memory: { privatePeak: 1e9, mappedPeak: 5e8, peak: 1.5e9 },
  textbook: {
    ...TEXTBOOK_RESULT,
    seconds: Array.from({ length: 64 }, (_, i) => (i < 20 ? 4 : 3)),
    peak_resident: 4.5e9,
  },
};

it("compares times of the same number of tokens, and memory, with bars that are to be reached from below", () => {
  const rows = textbookRows(MEASURED, SETTING).map(({ id, value, against, ratio, bar }) => ({
    ...{ id, value, against, ratio, bar },
  }));
  expect(rows).toEqual([
    { id: "textbook.token", value: 3000, against: undefined, ratio: undefined, bar: undefined },
    { id: "textbook.20", value: 80_000, against: 2000, ratio: 40, bar: { least: 35, met: true } },
    { id: "textbook.64", value: 212_000, against: 5000, ratio: 42.4, bar: { least: 60, met: false } },
    { id: "textbook.private", value: 4e9, against: 1e9, ratio: 4, bar: undefined },
    { id: "textbook.peak", value: 4.5e9, against: 1.5e9, ratio: 3, bar: { least: 3, met: true } },
  ]);
});

it.each([{ shape: "smolvlm-500m" }, { promptTokens: 100 }])("sets no bars for %o", (other) => {
  const rows = textbookRows(MEASURED, { ...SETTING, ...other });
  expect(rows.filter((row) => row.bar !== undefined)).toEqual([]);
  expect(rows.find((row) => row.id === "textbook.20")?.ratio).toBe(40);
});

it("says where the system does not tell of memory", () => {
  const textbook = { ...MEASURED.textbook, peak_resident: null, peak_private: null };
  const rows = textbookRows({ ...MEASURED, memory: null, textbook }, SETTING);
  for (const row of rows.filter(({ unit }) => unit === "bytes")) {
    expect(row).toMatchObject({ value: null, note: "not measured on this system" });
    expect(row).not.toHaveProperty("ratio");
  }
});

it("says whether both ways agree", () => {
  const facts = textbookFacts(MEASURED);
  expect(facts).toEqual({ torch: "2.9.9", threads: 2, sameAnswer: true, difference: 1e-6 });
  expect(textbookText(facts)).toBe(
    "The textbook way (PyTorch 2.9.9, 2 threads) gives the same answer; what it makes of each token differs from ours by at most 1.0e-6 of the largest value.",
  );
  const other = textbookFacts({ ...MEASURED, textbook: { ...MEASURED.textbook, chosen: [5, 6, 8] } });
  expect(textbookText(other)).toContain("WOULD GIVE ANOTHER ANSWER");
});
