import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type * as vscode from "vscode";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { DexarError } from "../../../src/core/errors.js";
import { reportData } from "../../../src/core/run/reportData.js";
import { Explainer } from "../../../src/host/explain/explainer.js";
import type { ModelProcessHost } from "../../../src/host/modelHost/modelProcessHost.js";
import type { StoredRuns } from "../../../src/host/runs/storedRuns.js";
import type { ModelChoice } from "../../../src/host/services.js";
import { explainedRun, type ExplainedRun } from "../../../src/host/tools/explainedRun.js";
import { registerTools } from "../../../src/host/tools/index.js";
import { toolError } from "../../../src/host/tools/toolError.js";
import type { ToolServices } from "../../../src/host/tools/toolServices.js";
import {
  CancellationError,
  CancellationTokenSource,
  fake,
  lm,
  Uri,
  type LanguageModelTextPart,
} from "../../helpers/fakeVscode.js";
import {
  addSampleRun,
  makeModelHost,
  makeRuns,
  SETTINGS,
  temporaryFolder,
} from "../../helpers/hostServices.js";
import { sampleRun, type SampleOptions } from "../../helpers/sampleRun.js";

interface Tool {
  invoke(
    options: { input: unknown; toolInvocationToken: undefined },
    token: unknown,
  ): Promise<{ readonly content: readonly LanguageModelTextPart[] }>;
  prepareInvocation(
    options: { input: unknown },
    token: unknown,
  ): Promise<{
    readonly invocationMessage: string;
    readonly confirmationMessages?: { readonly title: string; readonly message: { readonly value: string } };
  }>;
}

let files: ReturnType<typeof temporaryFolder>;
let runs: StoredRuns;
let model: ModelProcessHost;
let services: ToolServices;
let made: number;
/** What was asked of the models: the name that was to be resolved. */
let resolved: string[];
let resolve: (name: string) => ModelChoice;

beforeEach(() => {
  fake.reset();
  files = temporaryFolder();
  fake.folders = [{ uri: Uri.file(files.folder), name: "pictures" }];
  runs = makeRuns(files.folder);
  model = makeModelHost().host;
  resolved = [];
  resolve = (name) => ({ name, dir: "fake-model" });
  const nobody = { get: () => Promise.reject(new Error("not asked")) };
  services = {
    explain: new Explainer(model, runs, nobody),
    runs,
    models: {
      list: async () => [],
      resolve: async (name) => {
        resolved.push(name);
        return resolve(name);
      },
    },
    readSettings: () => SETTINGS,
  };
  made = 0;
  const context = { subscriptions: [] } as unknown as vscode.ExtensionContext;
  registerTools(context, () => {
    made += 1;
    return services;
  });
});

afterEach(async () => {
  await model.stop();
  files.remove();
});

const tool = (name: string): Tool => fake.tools.get(name) as Tool;
const source = () => new CancellationTokenSource();

async function call<T>(name: string, input: unknown, token: unknown = source().token): Promise<T> {
  const { content } = await tool(name).invoke({ input, toolInvocationToken: undefined }, token);
  expect(content).toHaveLength(1);
  return JSON.parse(content[0]?.value ?? "") as T;
}

const explain = (input: unknown, token?: unknown) => call<ExplainedRun>("explain_image", input, token);

describe("the tools for language models", () => {
  it("are those of package.json; nothing is made before one is called", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
      contributes: { languageModelTools: Record<string, unknown>[] };
    };
    expect(contributes.languageModelTools.map(({ name }) => name)).toEqual([...fake.tools.keys()]);
    for (const declared of contributes.languageModelTools) {
      expect(declared).toMatchObject({ canBeReferencedInPrompt: true, toolReferenceName: declared["name"] });
      expect(String(declared["modelDescription"]).length).toBeGreaterThan(150);
      expect(declared["inputSchema"]).toMatchObject({ type: "object", additionalProperties: false });
    }
    expect(made).toBe(0);
  });

  it("are left out where the editor knows none", () => {
    const whole = { ...lm };
    delete (lm as { registerTool?: unknown }).registerTool;
    try {
      const subscriptions: unknown[] = [];
      registerTools({ subscriptions } as unknown as vscode.ExtensionContext, () => services);
      expect(subscriptions).toEqual([]);
    } finally {
      Object.assign(lm, whole);
    }
  });
});

describe("explain_image", () => {
  it("answers with tokens, places and the run, which is kept", async () => {
    const result = await explain({ image: "cat.png", prompt: "Describe the picture." });
    const [entry] = runs.entries;
    expect(result).toMatchObject({
      run_id: entry?.id,
      prompt: "Describe the picture.",
      answer: "a cat left of a red ball",
      answer_is: "generated",
      ended: "stop",
      tokens_left_out: 0,
    });
    expect(result.how_to_read).toContain("delta");
    expect(result.tokens).toHaveLength(7);
    const cat = result.tokens[1];
    expect(cat?.text).toBe(" cat");
    expect(cat?.delta).toBeGreaterThan(0);
    expect(cat?.looked_at[0]?.where).toMatch(/left/);
    for (const { box, share } of result.tokens.flatMap(({ looked_at }) => looked_at)) {
      expect(box.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(share).toBeGreaterThan(0);
    }
    const { kept, dropped } = result.head_filter;
    expect(kept + dropped).toBe(7 * 4 * 6);
    expect(result.head_filter.text_that_won_most?.length).toBeGreaterThan(0);
    expect(made).toBe(1);
  });

  it("takes the settings' prompt, a target, a model and a length", async () => {
    await explain({ image: files.picture });
    expect(runs.entries[0]?.saved.info.prompt.text).toBe(SETTINGS.prompt);
    const asked: unknown[] = [];
    const explaining = services.explain;
    services = {
      ...services,
      explain: {
        explain: async (task, listener, signal) => {
          asked.push([task.request.target, task.request.maxNewTokens, task.request.captureEvery, task.model]);
          return explaining.explain(task, listener, signal);
        },
        alternative: (...request) => explaining.alternative(...request),
      },
    };
    await explain({ image: "cat.png", target: "a dog", max_new_tokens: 5, model: "other" });
    expect(asked).toEqual([[{ text: "a dog" }, 5, 32, { name: "other", dir: "fake-model" }]]);
    expect(resolved).toEqual(["other"]);
  });

  it("names picture and model before it runs, and asks nobody yet", async () => {
    const { invocationMessage, confirmationMessages } = await tool("explain_image").prepareInvocation(
      { input: { image: "cat.png", model: "my_model" } },
      source().token,
    );
    expect(invocationMessage).toBe("Asking my_model about cat.png");
    expect(confirmationMessages?.title).toBe("Explain a picture?");
    expect(confirmationMessages?.message.value).toContain("my\\_model");
    expect(confirmationMessages?.message.value).toContain(`“${SETTINGS.prompt}”`);
    expect(confirmationMessages?.message.value).toContain("cat.png");
    expect(confirmationMessages?.message.value).not.toContain("none of the open folders");
    expect(resolved).toEqual([]);
    expect(runs.entries).toEqual([]);
  });

  it("says so before it reads a picture of another folder, links included, or in an untrusted workspace", async () => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), "dexar-elsewhere-"));
    const outside = path.join(elsewhere, "secret.png");
    writeFileSync(outside, readFileSync(files.picture));
    symlinkSync(outside, path.join(files.folder, "link.png"));
    const message = async (image: string) => {
      const prepared = await tool("explain_image").prepareInvocation({ input: { image } }, source().token);
      return prepared.confirmationMessages?.message.value ?? "";
    };
    for (const image of [outside, "link.png", `../${path.basename(elsewhere)}/secret.png`])
      expect(await message(image)).toContain("in none of the open folders");
    expect(await message("cat.png")).not.toContain("not trusted");
    fake.trusted = false;
    expect(await message("cat.png")).toContain("This workspace is not trusted");
    rmSync(elsewhere, { recursive: true });
  });

  it("says what is wrong and what to try, in words for a model", async () => {
    const failing = async (input: unknown) =>
      explain(input).then(
        () => "it went well",
        (error: unknown) => (error as Error).message,
      );
    mkdirSync(path.join(files.folder, "folder.png"));
    writeFileSync(path.join(files.folder, "notes.txt"), "my secret notes");
    writeFileSync(path.join(files.folder, "fake.png"), "my secret notes");
    fake.foundFiles = [Uri.file(path.join(files.folder, "sub", "dog.png"))];
    expect(await failing({ image: "dog.png" })).toBe(
      "There is no picture dog.png. Call again with one of: sub/dog.png. (image-not-found)",
    );
    fake.foundFiles = [];
    expect(await failing({ image: "dog.png" })).toMatch(/absolute or relative to the workspace folder/);
    expect(await failing({ image: "notes.txt" })).toMatch(/^notes\.txt is not a picture\. .+\.png, \.jpg/);
    expect(await failing({ image: "folder.png" })).toMatch(/is not a picture/);
    expect(await failing({ image: "fake.png" })).toMatch(/is not an image|not-an-image/);
    expect(await failing({ image: "https://a.org/a.png" })).toMatch(/not loaded from https: addresses/);
    expect(await failing({ image: " " })).toMatch(/^image must be a text/);
    expect(await failing({ prompt: "no picture" })).toMatch(/^image must be the path of a picture/);
    expect(await failing({ image: "cat.png", max_new_tokens: 0 })).toMatch(/whole number from 1 to 4096/);
    expect(await failing("cat.png")).toMatch(/^input must be an object/);
    fake.folders = undefined;
    expect(await failing({ image: "cat.png" })).toMatch(
      /No folder is open: call again with an absolute path/,
    );
    resolve = (name) => {
      throw new DexarError("model-not-found", `There is no model ${name}. Known models: a, b.`, "Write one.");
    };
    expect(await failing({ image: files.picture, model: "x" })).toBe(
      "There is no model x. Known models: a, b. Call again without model, or with one of the names above. (model-not-found)",
    );
  });

  it("never passes on what a file that is no picture holds", () => {
    const told = 'x.png is text ("API_KEY=1234 ("x") API_KEY").';
    expect(toolError(new DexarError("not-an-image", told, "")).message).not.toContain("API_KEY");
    expect(toolError(new Error("boom")).message).toContain("boom");
  });

  it("stops when it is cancelled", async () => {
    const stop = source();
    const running = explain({ image: "cat.png", prompt: "slow" }, stop.token);
    await expect.poll(() => model.status.state, { timeout: 60_000 }).toBe("busy");
    stop.cancel();
    await expect(running).rejects.toBeInstanceOf(CancellationError);
    const before = source();
    before.cancel();
    await expect(explain({ image: "cat.png" }, before.token)).rejects.toBeInstanceOf(CancellationError);
  });
});

describe("what explain_image answers", () => {
  async function answered(options: SampleOptions): Promise<ExplainedRun> {
    const run = await sampleRun(options);
    const attribution = attribute(attributionInput(run), run.info.settings);
    return explainedRun(reportData(run, attribution, { type: "image/png", bytes: run.image }), "run");
  }

  it("stays small, however long the answer: the tokens with the largest delta", async () => {
    const answer = Array.from({ length: 300 }, (_, index) => (index % 50 === 7 ? " cat" : " of"));
    const result = await answered({ answer: [...answer, "</s>"], columns: 6, rows: 6 });
    expect(result.tokens).toHaveLength(40);
    expect(result.tokens_left_out).toBe(260);
    expect(result.tokens.filter(({ text }) => text === " cat")).toHaveLength(6);
    expect(result.tokens.map(({ index }) => index)).toEqual(
      result.tokens.map(({ index }) => index).sort((a, b) => a - b),
    );
    expect(JSON.stringify(result).length).toBeLessThan(16_000);
    const long = await answered({ prompt: "very long ".repeat(5000), answer: ["a", "</s>"] });
    expect(JSON.stringify(long).length).toBeLessThan(6000);
  });

  it("gives no place to a token that the text won, but the reason", async () => {
    const { tokens } = await answered({});
    for (const { delta, looked_at, reason } of tokens) {
      expect(looked_at.length > 0).toBe(delta > 0);
      expect(reason === undefined).toBe(delta > 0);
    }
    expect(tokens.find(({ delta }) => delta === 0)?.reason).toMatch(/^(text won|no gradient)/);
  });

  it("notes what a reader must know: a cut, a crop, an answer from text alone", async () => {
    const blind = await answered({ answer: ["of", " the", "</s>"], seen: [24, 0, 48, 96] });
    expect(blind.whole_answer.looked_at).toEqual([]);
    expect(blind.notes).toEqual([
      expect.stringContaining("did not use the picture"),
      expect.stringContaining("only the middle"),
    ]);
  });
});

describe("list_runs", () => {
  interface Listed {
    readonly total: number;
    readonly note?: string;
    readonly runs: readonly Record<string, unknown>[];
  }
  const list = (input: unknown) => call<Listed>("list_runs", input);

  it("lists the newest runs with what was asked and answered", async () => {
    for (const id of ["one", "two", "three"])
      await addSampleRun(runs, id, { prompt: `Ask ${id}`, image: path.join(files.folder, "cat.png") });
    await runs.rename("two", "my favourite");
    expect(await list({ limit: 2 })).toMatchObject({
      total: 3,
      runs: [
        {
          run_id: "three",
          image: "cat.png",
          prompt: "Ask three",
          answer: "a cat",
          model: "sample-vlm (fp32)",
        },
        { run_id: "two", name: "my favourite" },
      ],
    });
    expect((await list({})).runs).toHaveLength(3);
  });

  it("says what to do when there is none, and what is wrong with a limit", async () => {
    expect(await list({})).toEqual({
      total: 0,
      runs: [],
      note: expect.stringContaining("explain_image") as string,
    });
    await expect(list({ limit: 0 })).rejects.toThrow(/^limit must be a whole number/);
  });
});
