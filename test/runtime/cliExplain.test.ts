import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ExplainOptions } from "../../src/cli/commands/explain.js";
import { withContinuedRun } from "../../src/cli/options/continueRun.js";
import { readRun } from "../../src/core/run/readRun.js";
import { runDexar } from "../helpers/runDexar.js";
import { containing } from "../helpers/matchers.js";

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-cli-"));
  mkdirSync(at("out"));
  mkdirSync(at("model"));
  for (const name of ["cat.png", "dog.png"]) writeFileSync(at(name), PNG);
});
afterEach(() => rmSync(folder, { recursive: true }));

const explain = (images: string[], ...options: string[]): string[] => [
  "explain",
  ...images.map((image) => at(image)),
  "--model",
  at("model"),
  ...options,
];

describe("dexar explain", { timeout: 120_000 }, () => {
  it("prints a table and how to keep it", async () => {
    const result = await runDexar(explain(["cat.png"]));
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("·cat");
    expect(result.stdout).not.toContain("\x1b[");
    expect(result.stderr).toContain("--out FILE.dexar");
    expect(readdirSync(at("out"))).toEqual([]);
  });

  it("passes on how to generate", async () => {
    const flags = ["--temperature", "0.7", "--top-k", "9", "--top-p", "0.9", "--min-p", "0.1", "--seed", "3"];
    const more = [
      "--repetition-penalty",
      "1.2",
      "--stop",
      "\n",
      "--stop",
      ".",
      "--system-prompt",
      "be brief",
    ];
    await runDexar(explain(["cat.png"], ...flags, ...more, "--out", at("out", "a.dexar")));
    const { run } = await readRun(readFileSync(at("out", "a.dexar")));
    expect(run.info.generation).toMatchObject({
      temperature: 0.7,
      topK: 9,
      topP: 0.9,
      minP: 0.1,
      seed: 3,
      repetitionPenalty: 1.2,
      stopStrings: ["\n", "."],
      systemPrompt: "be brief",
    });
  });

  it.each([
    ["--top-p", "1.1", "a number from 0 to 1"],
    ["--min-p", "x", "a number from 0 to 1"],
    ["--repetition-penalty", "0", "a number from 0.01 to 100"],
    ["--stop", "", "--stop is empty"],
  ])("refuses %s %j", async (flag, value, words) => {
    const result = await runDexar(explain(["cat.png"], flag, value));
    expect(result).toMatchObject({ code: 2, processes: 0 });
    expect(result.stderr).toContain(words);
  });

  describe("--continue", () => {
    const first = ["--temperature", "0.5", "--seed", "4", "--stop", "x", "--prompt", "what is it?"];
    const model = ["--model", "model"];

    beforeEach(async () => {
      await runDexar(explain(["cat.png"], ...first, "--preset", "reference", "--out", at("a.dexar")));
    });

    it("asks what the run asked, without a picture, and takes other options of the answer", async () => {
      const argv = ["explain", "--continue", at("a.dexar"), ...model, "--seed", "5", "--out", at("b.dexar")];
      const result = await runDexar(argv.map((word) => (word === "model" ? at("model") : word)));
      expect(result).toMatchObject({ code: 0, stderr: "" });
      const { run } = await readRun(readFileSync(at("b.dexar")));
      expect(run.info.prompt.text).toBe("what is it?");
      expect(run.info.generation).toMatchObject({
        temperature: 0.5,
        seed: 5,
        stopStrings: ["x"],
        continued: { run: at("a.dexar") },
      });
    });

    it("asks as the run was answered, whatever the model's own settings are", async () => {
      const options = { continue: at("a.dexar"), stop: ["y"] } as unknown as ExplainOptions;
      const { options: asked } = await withContinuedRun(options, (name) => name === "stop", []);
      expect(asked).toMatchObject({ topP: 1, minP: 0, repetitionPenalty: 1, systemPrompt: "", stop: ["y"] });
    });

    it("looks for the run's model when none is named", async () => {
      const result = await runDexar(["explain", "--continue", at("a.dexar")]);
      expect(result).toMatchObject({ code: 2, processes: 0 });
      expect(result.stderr).toContain("sample-vlm");
    });

    it.each([
      [["--prompt", "why?"], /--continue.*cannot be used with option '--prompt/],
      [["--target", "a cat"], /--continue.*cannot be used with option '--target/],
      [["cat.png", "dog.png"], /one picture, but 2/],
    ])("does not go with %j", async (more, words) => {
      const result = await runDexar(["explain", "--continue", at("a.dexar"), ...more]);
      expect(result).toMatchObject({ code: 2, processes: 0 });
      expect(result.stderr).toMatch(words);
    });

    it("names a run that is not there", async () => {
      const result = await runDexar(["explain", "--continue", at("no.dexar")]);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain("There is no such run file");
    });
  });

  it("colours on a terminal, unless NO_COLOR says no", async () => {
    expect((await runDexar(explain(["cat.png"]), { terminal: true })).stdout).toContain("\x1b[");
    const plain = await runDexar(explain(["cat.png"]), { terminal: true, env: { NO_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\x1b[");
  });

  it("writes run file, picture and report, and nothing else", async () => {
    const files = {
      "--out": at("out", "a.dexar"),
      "--png": at("out", "a.png"),
      "--svg": at("out", "a.svg"),
      "--html": at("out", "a.html"),
    };
    const result = await runDexar(explain(["cat.png"], ...Object.entries(files).flat()));
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(at("out")).sort()).toEqual(["a.dexar", "a.html", "a.png", "a.svg"]);
    for (const file of Object.values(files)) expect(result.stdout).toContain(`wrote ${file}\n`);
    const { run } = await readRun(readFileSync(files["--out"]));
    expect(run.info.tokens).toHaveLength(8);
    expect(run.arrays.gradient).not.toBeNull();
    expect(readFileSync(files["--png"]).subarray(1, 4).toString()).toBe("PNG");
    expect(readFileSync(files["--svg"], "utf8")).toMatch(/^<\?xml .+<svg .*width="84mm"/s);
    expect(readFileSync(files["--html"], "utf8")).toContain("<!doctype html");
  });

  it("writes one picture and one figure per token into a folder", async () => {
    const result = await runDexar(explain(["cat.png"], "--png", at("out"), "--svg", at("out")));
    expect(result.code).toBe(0);
    const names = readdirSync(at("out"));
    expect(names).toContain("cat.dexar.png");
    expect(names).toContain("cat.dexar.svg");
    const tokens = names.filter((name) => name.startsWith("cat.token-"));
    expect(tokens.filter((name) => name.endsWith(".png"))).toHaveLength(8);
    expect(tokens.filter((name) => name.endsWith(".svg"))).toHaveLength(8);
    expect(readFileSync(at("out", "cat.token-01-cat.svg"), "utf8")).toContain(">·cat (δ ");
    expect(result.stdout).toContain(`wrote ${at("out", "cat.token-*.svg")} (8 tokens)\n`);
  });

  it("leaves the gradient out with --no-gradient", async () => {
    await runDexar(explain(["cat.png"], "--out", at("out"), "--no-gradient"));
    const { run, attribution } = await readRun(readFileSync(at("out", "cat.dexar")));
    expect(run.arrays.gradient).toBeNull();
    expect(attribution.tokenWeight).toHaveLength(8);
  });

  it("prints one JSON object per image, and nothing else, on stdout", async () => {
    const result = await runDexar(explain(["cat.png", "dog.png"], "--json", "--out", at("out")));
    const objects = result.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects.map((object) => object["source"])).toEqual([at("cat.png"), at("dog.png")]);
    expect(objects[0]).toMatchObject({
      written: [at("out", "cat.dexar")],
      answer: containing("red ball"),
    });
  });

  it("explains a folder, reports the bad files and says how many failed", async () => {
    writeFileSync(at("bad.png"), "not a picture");
    writeFileSync(at("empty.jpg"), "");
    const result = await runDexar([
      "explain",
      folder,
      at("gone.png"),
      "--model",
      at("model"),
      "--out",
      at("out"),
      "--json",
    ]);
    expect(result.code).toBe(1);
    expect(readdirSync(at("out")).sort()).toEqual(["cat.dexar", "dog.dexar"]);
    expect(result.stderr).toContain(`error: This is not an image: ${at("bad.png")}\n  try: `);
    expect(result.stderr).toContain("3 of 5 images failed.");
    const errors = result.stdout.split("\n").filter((line) => line.includes('"error"'));
    expect(errors.map((line) => (JSON.parse(line) as { error: { code: string } }).error.code).sort()).toEqual(
      ["image-not-found", "not-an-image", "not-an-image"],
    );
    expect(result.processes).toBe(1);
  });

  it("keeps the finished tokens, marked partial, on Ctrl-C", async () => {
    let tokens = 0;
    const result = await runDexar(explain(["cat.png", "dog.png"], "--prompt", "slow", "--out", at("out")), {
      onToken: (interrupt) => {
        if (++tokens === 3) interrupt();
      },
    });
    expect(result.code).toBe(130);
    expect(result.forcedExit).toBeNull();
    expect(readdirSync(at("out"))).toEqual(["cat.dexar"]);
    const { run } = await readRun(readFileSync(at("out", "cat.dexar")));
    expect(run.info.partial).toBe(true);
    expect(run.info.tokens.length).toBeGreaterThanOrEqual(3);
    expect(result.stdout).toContain("wrote ");
    expect(result.stderr).toMatch(
      /Cancelled: \d+ finished tokens are kept; 0 of 2 images were done before\./,
    );
  });

  it("quits at once on the second Ctrl-C", async () => {
    let tokens = 0;
    const result = await runDexar(explain(["cat.png"], "--prompt", "slow"), {
      onToken: (interrupt) => {
        if (++tokens === 2) {
          interrupt();
          interrupt();
        }
      },
    });
    expect(result.forcedExit).toBe(130);
  });

  it("can be cancelled while the model is loading", async () => {
    const result = await runDexar(explain(["cat.png"], "--dtype", "slow", "--out", at("out")), {
      onStarted: (interrupt) => setTimeout(interrupt, 50),
    });
    expect(result.code).toBe(130);
    expect(readdirSync(at("out"))).toEqual([]);
  });

  it("reports a crash of the model process with its log and keeps the images before it", async () => {
    const result = await runDexar(explain(["cat.png"], "--prompt", "crash", "--out", at("out")));
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /error: The model process ended \(exit code 7\) during an explanation[^]*out of luck[^]* {2}try: /,
    );
    expect(readdirSync(at("out"))).toEqual([]);
  });

  it("reports an error of the model once, for the command", async () => {
    const result = await runDexar(explain(["cat.png", "dog.png"], "--dtype", "fp8", "--json"));
    expect(result.code).toBe(1);
    expect(result.stderr).toBe("error: No fp8 weights.\n  try: Choose fp32.\n");
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: "dtype-missing" } });
  });
});

describe("dexar show", { timeout: 120_000 }, () => {
  it("shows a run file without a model, under its own or other settings", async () => {
    await runDexar(explain(["cat.png"], "--out", at("out")));
    const file = at("out", "cat.dexar");
    const same = await runDexar(["show", file, "--json", "--svg", at("out", "again.svg")]);
    expect(same).toMatchObject({ code: 0, stderr: "", processes: 0 });
    expect(JSON.parse(same.stdout)).toMatchObject({
      source: file,
      settings: { preset: "paper", layers: [0, 4] },
    });
    expect(readdirSync(at("out")).sort()).toEqual(["again.svg", "cat.dexar"]);
    const other = await runDexar(["show", file, "--json", "--layers", "-2:", "--text-set", "prompt"]);
    expect(JSON.parse(other.stdout)).toMatchObject({ settings: { layers: [2, 4], textSet: "prompt" } });
    expect((await runDexar(["show", file])).stdout).toContain("·cat");
  });

  it("cannot change the filters of a run without gradients, but shows it", async () => {
    await runDexar(explain(["cat.png"], "--out", at("out"), "--no-gradient"));
    expect((await runDexar(["show", at("out", "cat.dexar")])).code).toBe(0);
    const result = await runDexar(["show", at("out", "cat.dexar"), "--layers", "0:1"]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("without its gradient");
  });
});

describe("dexar generate", { timeout: 120_000 }, () => {
  it("prints the answer alone, or as JSON", async () => {
    const argv = ["generate", at("cat.png"), "--model", at("model")];
    expect(await runDexar(argv)).toMatchObject({
      code: 0,
      stdout: "a cat left of a red ball</s>\n",
      stderr: "",
    });
    const json = await runDexar([...argv, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      image: at("cat.png"),
      finish: "stop",
      ids: [100, 101, 102, 103, 104, 105, 106, 107],
    });
  });
});
