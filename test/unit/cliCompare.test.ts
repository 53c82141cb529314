import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { unpackArrays } from "../../src/core/run/packArrays.js";
import { textWidth } from "../../src/core/run/textWidth.js";
import type { RunInfo } from "../../src/core/run/types.js";
import { writeRun } from "../../src/core/run/writeRun.js";

import { runDexar } from "../helpers/runDexar.js";
import { sampleRun, type SampleOptions } from "../helpers/sampleRun.js";
import { twoPictures } from "../helpers/twoPictures.js";

let folder = "";
const at = (name: string): string => path.join(folder, name);

async function save(
  name: string,
  options: SampleOptions,
  change: (info: RunInfo) => RunInfo = (info) => info,
): Promise<void> {
  const made = await sampleRun(options);
  const run = { ...made, info: change(made.info) };
  await writeFile(at(name), await writeRun(run, attribute(attributionInput(made), run.info.settings)));
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "dexar-compare-"));
  const small = { columns: 6, rows: 6 };
  await save("a.dexar", small);
  await save(
    "b.dexar",
    { ...small, answer: ["a", " red", " ball", "</s>"], prompt: "Describe the small ball." },
    (info) => ({
      ...info,
      id: "other",
      model: { ...info.model, dtype: "q4" },
      settings: { ...info.settings, layers: [1, 4] },
    }),
  );
  await save("large.dexar", { columns: 9, rows: 9, layers: 3 });
  await writeFile(at("text.dexar"), "not a run");
});

afterAll(() => rm(folder, { recursive: true }));

const compare = (...argv: readonly string[]) => runDexar(["compare", ...argv]);
const json = async (...argv: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await compare(...argv, "--json")).stdout) as Record<string, unknown>;

describe("dexar compare", () => {
  it("says which of several pictures the answers looked at", async () => {
    const run = await twoPictures();
    const file = at("several.dexar");
    await writeFile(file, await writeRun(run, attribute(attributionInput(run), run.info.settings)));
    const region = {
      word: expect.stringMatching(/./) as string,
      picture: expect.stringMatching(/^[ab]\.png$/) as string,
    };
    expect(await json(file, file)).toMatchObject({ whole: { regionA: region, regionB: region } });
    expect((await compare(file, file)).stdout).toMatch(/whole answer .* [ab]\.png: /);
  });

  it("says what was changed, and puts the tokens side by side", async () => {
    const { code, stdout, stderr } = await compare(at("a.dexar"), at("b.dexar"));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const text = stdout.replace(/\s+/g, " ");
    expect(text).toContain("prompt: Describe the [-picture-]{+small ball+}.");
    expect(text).toContain("weight type: fp32 → q4");
    expect(text).toContain("layers: L0-L3 → L1-L3");
    const lines = stdout.split("\n");
    expect(lines.some((line) => /^ +1 +- +·cat +- /.test(line))).toBe(true);
    expect(
      lines.some((line) => /^ +6 +2 +·ball +·ball +0\.\d+ +0\.\d+ +\S+.* \d+ % +\d\.\d\d$/.test(line)),
    ).toBe(true);
    expect(text).toMatch(/Layers L0 \d+ % → 0 %/);
    expect(text).toMatch(/Heads L\d H\d \d+ % → \d+ %/);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(100);
  });

  it("says that a file and itself are identical", async () => {
    const { code, stdout } = await compare(at("a.dexar"), at("a.dexar"));
    expect(code).toBe(0);
    expect(stdout).toContain("the runs are identical");
    expect(stdout).toContain("no difference");
    expect(await json(at("a.dexar"), at("a.dexar"))).toMatchObject({ identical: true, changes: [] });
  });

  it("compares two tokens of one run, or a token and its counterpart", async () => {
    const { stdout } = await compare(at("a.dexar"), at("a.dexar"), "--token", "1:6");
    expect(stdout).toContain("·cat in A, ·ball in B");
    expect(stdout).toContain("nothing that was asked");
    expect(await json(at("a.dexar"), at("b.dexar"), "--token", "6")).toMatchObject({
      identical: false,
      tokens: [{ kind: "same", a: [{ index: 6, text: " ball" }], b: [{ index: 2, text: " ball" }] }],
    });
    expect(await json(at("a.dexar"), at("b.dexar"), "--token", "1")).toMatchObject({
      tokens: [{ kind: "removed", b: [], deltaB: null, similarity: null }],
    });
  });

  it("prints one object with finite numbers", async () => {
    const made = await json(at("a.dexar"), at("large.dexar"));
    expect(made).toMatchObject({
      format: "dexar-comparison",
      version: 1,
      a: { source: at("a.dexar"), answer: expect.stringContaining("cat") as string },
      whole: { grid: { columns: 9, rows: 9 }, layers: { notComparable: "other-count" } },
      written: [],
    });
    const { overlap } = (made["whole"] as { similarity: { overlap: number } }).similarity;
    expect(overlap).toBeGreaterThan(0.5);
    expect(overlap).toBeLessThan(1);
  });

  it("says why layers and heads of other models are not compared", async () => {
    const { stdout } = await compare(at("a.dexar"), at("large.dexar"));
    expect(stdout.replace(/\s+/g, " ")).toContain("so their layers cannot be compared");
  });

  it("draws A, B and the difference, and makes a page", async () => {
    const { code, stdout } = await compare(
      at("a.dexar"),
      at("b.dexar"),
      "--png",
      at("out.png"),
      "--html",
      at("out.html"),
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`wrote ${at("out.png")}`);
    const size = await sharp(at("out.png")).metadata();
    expect(size.width).toBe(2 * (3 * 360 + 2 * 24 + 2 * 28));
    const html = await readFile(at("out.html"), "utf8");
    expect(html).toContain("default-src 'none'");
    const packed = /<script type="application\/json" id="run">(.*?)<\/script>/.exec(html)?.[1] ?? "";
    expect(unpackArrays(packed)).toMatchObject({
      a: { info: { id: "sample" } },
      b: { info: { id: "other" } },
      names: [at("a.dexar"), at("b.dexar")],
      choice: [null, null],
    });
  });

  it.each([
    { argv: ["a.dexar", "missing.dexar"], code: 1, says: /no such run file: .*missing\.dexar/ },
    { argv: ["a.dexar", "text.dexar"], code: 1, says: /text\.dexar: / },
    { argv: ["a.dexar"], code: 2, says: /missing required argument/ },
    { argv: ["a.dexar", "b.dexar", "--token", "x"], code: 2, says: /--token is "x"/ },
    {
      argv: ["a.dexar", "b.dexar", "--token", "12"],
      code: 2,
      says: /token 12 of A, whose answer has 12 tokens/,
    },
    {
      argv: ["a.dexar", "b.dexar", "--token", "1:4"],
      code: 2,
      says: /token 4 of B.*[\s\S]*the last one is 3/,
    },
    { argv: ["a.dexar", "b.dexar", "--png", "x.jpg"], code: 2, says: /must end in \.png/ },
    { argv: ["a.dexar", "b.dexar", "--png", "."], code: 2, says: /--png is a folder/ },
  ])("refuses $argv", async ({ argv, code, says }) => {
    const result = await compare(...argv.map((part) => (/\.(dexar|jpg)$|^\.$/.test(part) ? at(part) : part)));
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(says);
    expect(result.stderr).toContain("try: ");
    expect(result.stdout).toBe("");
  });
});
