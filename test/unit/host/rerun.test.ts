import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Run, RunInfo } from "../../../src/core/run/types.js";
import { parsePromptFile } from "../../../src/core/prompts/parsePromptFile.js";
import { promptOfRun } from "../../../src/host/runs/promptOfRun.js";
import { questionOfRun } from "../../../src/host/runs/questionOfRun.js";
import { prepareRerun, rerun } from "../../../src/host/runs/rerun.js";
import { RunPictures } from "../../../src/host/runs/runPictures.js";
import type { ModelChoice, Question } from "../../../src/host/services.js";
import { fake, Uri, type Shown } from "../../helpers/fakeVscode.js";
import { addSampleRun, makeRuns, SETTINGS, temporaryFolder } from "../../helpers/hostServices.js";
import { sampleRun } from "../../helpers/sampleRun.js";
import { codeOf } from "../../helpers/thrownBy.js";

const MODEL: ModelChoice = { name: "sample-vlm", dir: "/models/sample-vlm", dtype: "fp32" };
let files: ReturnType<typeof temporaryFolder>;
let run: Run;
let asked: Question[];
let found: ModelChoice | null;

beforeEach(async () => {
  fake.reset();
  files = temporaryFolder();
  const sample = await sampleRun({ columns: 4, rows: 4 });
  const sha256 = createHash("sha256").update(sample.image).digest("hex");
  run = { ...sample, info: { ...sample.info, image: { ...sample.info.image, sha256 } } };
  asked = [];
  found = MODEL;
});

afterEach(() => files.remove());

function services() {
  return {
    runModels: { find: async () => found },
    pictures: new RunPictures(path.join(files.folder, "pictures")),
    panels: {
      ask: async (question: Question) => void asked.push(question),
      prepare: async (id: string, question: Question) => {
        expect(id).toBe("one");
        asked.push(question);
      },
    },
    readSettings: () => SETTINGS,
  };
}

const withInfo = (change: Partial<RunInfo>): Run => ({ ...run, info: { ...run.info, ...change } });
const form = { prompt: "And now?", target: null, maxNewTokens: 5, live: true };

describe("the question of a run", () => {
  it("is what was asked, with its model, chance and settings", () => {
    const more = {
      topP: 0.9,
      minP: 0.1,
      repetitionPenalty: 1.2,
      stopStrings: ["\n"],
      systemPrompt: "be brief",
    };
    const generation = { ...run.info.generation, temperature: 0.7, topK: 5, seed: 11, ...more };
    const question = questionOfRun({ ...run.info, generation }, Uri.file("/cat.png"), MODEL);
    expect(question).toMatchObject({
      prompt: "Describe the picture.",
      target: null,
      maxNewTokens: 32,
      temperature: 0.7,
      topK: 5,
      seed: 11,
      ...more,
      model: MODEL,
      attribution: run.info.settings,
    });
  });

  it("has the forced answer as its target", () => {
    const generation = { ...run.info.generation, mode: "forced" as const };
    const tokens = run.info.tokens.slice(0, 2);
    const question = questionOfRun({ ...run.info, generation, tokens }, Uri.file("/cat.png"), MODEL);
    expect(question.target).toBe("a cat");
    expect("seed" in question).toBe(false);
  });

  it("says nothing of layers and heads for another model", () => {
    const { attribution, model } = questionOfRun(run.info, Uri.file("/cat.png"), null);
    expect(model).toBeUndefined();
    expect(attribution).toMatchObject({ preset: "paper" });
    expect(Object.keys(attribution ?? {})).not.toContain("layers");
    expect(Object.keys(attribution ?? {})).not.toContain("overrides");
  });

  it("says what was left open, so that other settings change nothing", () => {
    expect(questionOfRun(run.info, Uri.file("/cat.png"), MODEL)).toMatchObject({
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      stopStrings: [],
      systemPrompt: "",
    });
  });

  it("as a prompt file is read back as the same", () => {
    const more = { topP: 0.9, minP: 0.1, repetitionPenalty: 1.2, stopStrings: ["\n", "a: b"] };
    const chance = { temperature: 0.7, topK: 5, seed: 11, ...more, systemPrompt: "be brief" };
    const generation = { ...run.info.generation, ...chance };
    const text = promptOfRun({ ...run.info, generation }, "/pictures/a cat: no. 1.png");
    const { prompt, fields, problems } = parsePromptFile(text);
    expect(problems).toEqual([]);
    expect(prompt).toBe("Describe the picture.");
    expect(Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.value]))).toEqual({
      model: "sample-vlm",
      images: ["/pictures/a cat: no. 1.png"],
      max_new_tokens: 32,
      temperature: 0.7,
      top_k: 5,
      top_p: 0.9,
      min_p: 0.1,
      repetition_penalty: 1.2,
      stop: ["\n", "a: b"],
      system_prompt: "be brief",
      seed: 11,
      preset: "paper",
      text_set: "all",
    });
  });

  it("as a prompt file says what settings and model could say otherwise", () => {
    const text = promptOfRun(run.info, "/pictures/cat.png");
    const { fields, problems } = parsePromptFile(text);
    expect(problems).toEqual([]);
    expect(fields).toMatchObject({ temperature: { value: 0 }, repetition_penalty: { value: 1 } });
    expect(fields.system_prompt).toBeUndefined();
    expect(fields.stop).toBeUndefined();
  });
});

describe("re-running with changes", () => {
  it("asks with the changes on the picture that is still there", async () => {
    const place = path.join(files.folder, "sample.png");
    writeFileSync(place, run.image);
    const places = [Uri.file(path.join(files.folder, "gone.png")), Uri.file(place)];
    const overrides = [{ layer: 0, head: 1, decision: "drop" as const }];
    await rerun({ ...run, places }, { form, settings: { preset: "reference", overrides } }, services());
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      ...form,
      model: MODEL,
      temperature: 0,
      attribution: { preset: "reference", overrides },
    });
    expect(asked[0]?.image.fsPath).toBe(place);
  });

  it("writes the run's own picture when that one is gone or another", async () => {
    const place = path.join(files.folder, "sample.png");
    writeFileSync(place, "another picture");
    await rerun({ ...run, places: [Uri.file(place)] }, { form, settings: {} }, services());
    await rerun({ ...run, places: [] }, { form, settings: {} }, services());
    const [first, second] = asked.map(({ image }) => image.fsPath);
    expect(first).toBe(second);
    expect(first).toMatch(/pictures.[0-9a-f]{16}.sample\.png$/);
    expect(new Uint8Array(readFileSync(first ?? ""))).toEqual(new Uint8Array(run.image));
  });

  it.each([
    ["../../escape.png", "escape.png"],
    ["..\\..\\escape.png", "escape.png"],
    ["..", "picture"],
    ["a:b?.png", "a-b-.png"],
  ])("never writes outside its folder: %s", async (name, base) => {
    const hostile = withInfo({ image: { ...run.info.image, name } });
    await rerun({ ...hostile, places: [] }, { form, settings: {} }, services());
    const file = asked[0]?.image.fsPath ?? "";
    expect(path.basename(file)).toBe(base);
    expect(file.startsWith(path.join(files.folder, "pictures"))).toBe(true);
  });

  it("says so when the picture cannot be written", async () => {
    writeFileSync(path.join(files.folder, "pictures"), "in the way");
    expect(await codeOf(rerun({ ...run, places: [] }, { form, settings: {} }, services()))).toBe(
      "output-write-failed",
    );
    expect(asked).toEqual([]);
  });

  it("with another model leaves out what was said of layers and heads; without an answer asks nothing", async () => {
    found = null;
    const settings = { preset: "reference" as const, layers: [1, 2] as const, overrides: [] };
    await rerun({ ...run, places: [] }, { form, settings }, services());
    expect(asked).toEqual([]);
    fake.answers = [(shown: Shown) => shown.choices[0]];
    await rerun({ ...run, places: [] }, { form, settings }, services());
    expect(asked[0]?.model).toBeUndefined();
    const { preset, ...rest } = asked[0]?.attribution ?? {};
    expect(preset).toBe("reference");
    expect(Object.keys(rest)).not.toContain("layers");
    expect(Object.keys(rest)).not.toContain("overrides");
  });

  it("of a kept run shows it with its question, ready to be changed", async () => {
    const runs = makeRuns(files.folder);
    await addSampleRun(runs, "one", { image: path.join(files.folder, "gone.png") });
    await prepareRerun("one", { ...services(), runs });
    expect(asked[0]).toMatchObject({ prompt: "Describe the picture.", model: MODEL });
    expect(existsSync(asked[0]?.image.fsPath ?? "")).toBe(true);
    expect(await codeOf(prepareRerun("none", { ...services(), runs }))).toBe("run-missing");
  });
});

describe("pictures taken out of runs", () => {
  it("go when no run shows them and they are old", async () => {
    const folder = path.join(files.folder, "pictures");
    const old = Date.now() / 1000 - 30 * 24 * 3600;
    const made = ["used", "unused", "new"].map((name) => {
      mkdirSync(path.join(folder, name), { recursive: true });
      writeFileSync(path.join(folder, name, "a.png"), "");
      if (name !== "new") utimesSync(path.join(folder, name), old, old);
      return path.join(folder, name, "a.png");
    });
    await new RunPictures(folder).removeUnused([Uri.file(made[0] ?? "")]);
    expect(made.map(existsSync)).toEqual([true, false, true]);
    await new RunPictures(path.join(files.folder, "none")).removeUnused([]);
  });
});
