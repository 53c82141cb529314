import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type * as vscode from "vscode";
import { DexarError } from "../../../src/core/errors.js";
import { checkPrompt } from "../../../src/host/prompts/checkPrompt.js";
import { completePrompt } from "../../../src/host/prompts/completePrompt.js";
import { hoverPrompt } from "../../../src/host/prompts/hoverPrompt.js";
import { picturePath } from "../../../src/host/prompts/picturePath.js";
import { PromptDiagnostics } from "../../../src/host/prompts/promptDiagnostics.js";
import { promptFixes } from "../../../src/host/prompts/promptFixes.js";
import { promptQuestions } from "../../../src/host/prompts/promptQuestions.js";
import { yamlText } from "../../../src/host/prompts/yamlText.js";
import type { KnownModels } from "../../../src/host/services.js";
import {
  fake,
  FakeDocument,
  Position,
  Uri,
  workspace,
  type WorkspaceEdit,
} from "../../helpers/fakeVscode.js";
import { SETTINGS, testLog } from "../../helpers/hostServices.js";

const MODELS: KnownModels = {
  list: async () => [
    { name: "emoji-llava", dir: "/models/emoji-llava" },
    { name: "tiny-vlm", dir: "/models/tiny-vlm" },
  ],
  resolve: async (name) => {
    const found = (await MODELS.list()).find((model) => model.name === name);
    if (!found) throw new DexarError("model-not-found", `There is no model ${name}.`, "Write another name.");
    return found;
  },
};
let folder: string;

beforeEach(() => {
  fake.reset();
  folder = mkdtempSync(path.join(os.tmpdir(), "dexar-prompts-"));
  for (const name of ["cat.png", "My Dog.JPG", "notes.txt", ".hidden.png"])
    writeFileSync(path.join(folder, name), "x");
  writeFileSync(path.join(folder, "empty.png"), "");
  mkdirSync(path.join(folder, "sub"));
  writeFileSync(path.join(folder, "sub", "a#b: c.png"), "x");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const base = (): vscode.Uri => Uri.file(folder);

/** A prompt file with the cursor where `|` is. */
function at(marked: string): { document: vscode.TextDocument; position: vscode.Position } {
  const offset = marked.indexOf("|");
  const document = new FakeDocument(
    Uri.file(path.join(folder, "x.vlm.md")),
    marked.replace("|", ""),
    "vlm-prompt",
  );
  return {
    document: document as unknown as vscode.TextDocument,
    position: document.positionAt(offset) as unknown as vscode.Position,
  };
}

describe("a prompt file as questions", () => {
  const read = (text: string, change: object = {}) =>
    promptQuestions(text, {
      source: { uri: Uri.file(path.join(folder, "x.vlm.md")), version: 4 },
      base: base(),
      models: MODELS,
      ...change,
    });

  it("asks once for each picture, with what the front matter states and nothing else", async () => {
    const { file, questions } = await read(
      "---\nimages:\n  - cat.png\n  - sub/b.png\nmodel: tiny-vlm\nseed: 3\n---\n\nWhat?\n",
    );
    expect(file.prompt).toBe("What?");
    const asked = {
      prompt: "What?",
      target: null,
      model: { name: "tiny-vlm", dir: "/models/tiny-vlm" },
      seed: 3,
      attribution: {},
      source: { uri: Uri.file(path.join(folder, "x.vlm.md")), version: 4, span: [67, 72] },
    };
    expect(questions.map(({ image }) => image.path)).toEqual([
      path.join(folder, "cat.png"),
      path.join(folder, "sub/b.png"),
    ]);
    for (const question of questions) expect(question).toEqual({ image: question.image, ...asked });
  });

  it("takes what the file leaves open from a notebook's defaults, and counts from its cell's start", async () => {
    const defaults = { model: "emoji-llava", images: ["cat.png"] };
    const source = { uri: Uri.file("/n"), version: 1, offset: 100 };
    const { questions } = await read("What?", { defaults, source });
    expect(questions).toMatchObject([
      {
        image: { path: path.join(folder, "cat.png") },
        model: { name: "emoji-llava" },
        source: { span: [100, 105] },
      },
    ]);
    const own = await read("---\nimage: /p/own.png\nmodel: tiny-vlm\n---\nWhat?", { defaults });
    expect(own.questions).toMatchObject([{ image: { path: "/p/own.png" }, model: { name: "tiny-vlm" } }]);
    const chosen = await read("---\nimage: cat.png\n---\nWhat?", { images: [Uri.file("/q.png")] });
    expect(chosen.questions.map(({ image }) => image.path)).toEqual(["/q.png"]);
  });

  it("asks nothing when no picture is named", async () => {
    expect((await read("What?")).questions).toEqual([]);
  });

  it.each([
    [
      "---\nimage: cat.png\ntop_k: -1\n---\nWhat?",
      "prompt-file-broken",
      /^x\.vlm\.md, line 3: "top_k" must be/,
    ],
    ["---\nimage: cat.png\n---\n\n", "prompt-file-broken", /^x\.vlm\.md, line \d+: The prompt is empty/],
    [
      "---\nimage: cat.png\nWhat?",
      "prompt-file-broken",
      /^x\.vlm\.md, line 1: The front matter .* not closed/,
    ],
    ["---\nimage: https://a.b/c.png\n---\nWhat?", "image-is-remote", /is not on this machine/],
    ["---\nimage: cat.png\nmodel: tinny\n---\nWhat?", "model-not-found", /There is no model tinny/],
  ])("names what is wrong in %j", async (text, code, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      nextStep: expect.stringMatching(/\w/) as string,
    });
  });

  it("needs a folder for relative paths", async () => {
    await expect(read("---\nimage: cat.png\n---\nWhat?", { base: null })).rejects.toMatchObject({
      code: "image-path-relative",
    });
    const text = "---\nimage: /p/cat.png\n---\nWhat?";
    expect((await read(text, { base: null })).questions[0]?.image.path).toBe("/p/cat.png");
  });
});

describe("completion in front matter", () => {
  const labels = async (marked: string): Promise<string[]> => {
    const { document, position } = at(marked);
    const items = await completePrompt(document, position, { models: MODELS, settings: SETTINGS });
    return items.map(({ label }) => (typeof label === "string" ? label : label.label));
  };

  it("offers the keys that are not used yet, closed front matter or not", async () => {
    const all = await labels("---\n|");
    expect(all).toEqual([
      "model",
      "image",
      "images",
      "with_images",
      "system_prompt",
      "target",
      "max_new_tokens",
      "temperature",
      "top_k",
      "top_p",
      "min_p",
      "repetition_penalty",
      "seed",
      "stop",
      "preset",
      "text_set",
    ]);
    expect(await labels("---\nmodel: x\nim|\nimages: [a]\n---\nseed: 3")).toEqual([
      "with_images",
      "system_prompt",
      "target",
      "max_new_tokens",
      "temperature",
      "top_k",
      "top_p",
      "min_p",
      "repetition_penalty",
      "seed",
      "stop",
      "preset",
      "text_set",
    ]);
  });

  it.each(["|What?", "---\nseed: 3\n---\n|", "---\n---\npr|", "---\nimages:\n  -|", "---\nseed: |", "--|"])(
    "offers nothing at %j",
    async (marked) => expect(await labels(marked)).toEqual([]),
  );

  it("offers choices and models", async () => {
    expect(await labels("---\npreset: |\n---\n")).toEqual(["paper", "reference"]);
    expect(await labels("---\ntext_set: pro|")).toEqual(["all", "no-special", "prompt", "generated"]);
    expect(await labels("---\nmodel: |")).toEqual(["emoji-llava", "tiny-vlm"]);
  });

  it("offers pictures and folders beside the file, in lists too", async () => {
    const beside = ["cat.png", "empty.png", "My Dog.JPG", "sub"];
    expect(await labels("---\nimage: |")).toEqual(beside);
    expect(await labels("---\nimages:\n  - cat.png\n  - |\n---\n")).toEqual(beside);
    expect(await labels("---\nimages: [cat.png, |]\n---\n")).toEqual(beside);
    expect(await labels("---\nimage: sub/|")).toEqual(["a#b: c.png"]);
    expect(await labels("---\nimage: none/|")).toEqual([]);
  });

  it("writes names that YAML would read otherwise in quotes, and goes on after a folder", async () => {
    const { document, position } = at("---\nimage: sub/|");
    const [item] = await completePrompt(document, position, { models: MODELS, settings: SETTINGS });
    expect(item).toMatchObject({ insertText: '"sub/a#b: c.png"', filterText: "sub/a#b: c.png" });
    expect((item?.range as vscode.Range).start).toEqual(new Position(1, 7));
    const quoted = at('---\nimage: "sub/|');
    const [inQuotes] = await completePrompt(quoted.document, quoted.position, {
      models: MODELS,
      settings: SETTINGS,
    });
    expect(inQuotes).toMatchObject({ insertText: '"sub/a#b: c.png' });
    const top = at("---\nimage: |");
    const items = await completePrompt(top.document, top.position, { models: MODELS, settings: SETTINGS });
    expect(items.find(({ label }) => label === "sub")).toMatchObject({
      insertText: "sub/",
      command: { command: "editor.action.triggerSuggest" },
    });
  });

  it.each([
    ["cat.png", "cat.png"],
    ["a cat, a dog.png", "a cat, a dog.png"],
    ["- x", '"- x"'],
    ["a: b", '"a: b"'],
    ["12", '"12"'],
    ["true", '"true"'],
    ["#1.png", '"#1.png"'],
    [" x", '" x"'],
  ])("writes %j as %j", (text, yaml) => expect(yamlText(text)).toBe(yaml));
});

describe("hover in front matter", () => {
  const hover = async (marked: string): Promise<string | null> => {
    const { document, position } = at(marked);
    const found = await hoverPrompt(document, position, { models: MODELS, settings: SETTINGS });
    return found === null ? null : found.contents.map((part) => (part as vscode.MarkdownString).value).join();
  };

  it("explains keys with their range and what holds without them", async () => {
    expect(await hover("---\nmax_new|_tokens: 5\n---\nx")).toBe(
      "The answer is cut after this many tokens.\n\n" +
        "Takes a whole number from 1 to 4096. Without it, as in the settings: 8.",
    );
  });

  it("shows pictures, each of several, and their size", async () => {
    expect(await hover("---\nimage: c|at.png\n---\nx")).toMatch(
      /^.*cat.*, 0 kB\n\n!\[\]\(file:\/\/\/.*\/cat\.png\|width=200\)$/,
    );
    expect(await hover("---\nimages: [cat.png, My D|og.JPG]\n---\nx")).toContain("My%20Dog.JPG|width");
    expect(await hover("---\nimage: emp|ty.png\n---\nx")).toBeNull();
  });

  it("says where a model is, or that there is none", async () => {
    expect(await hover("---\nmodel: tiny|-vlm\n---\nx")).toBe("**tiny\\-vlm**\n\n/models/tiny\\-vlm");
    expect(await hover("---\nmodel: t|ony\n---\nx")).toBe("There is no model tony.");
    expect(await hover("---\nmodel: tiny-vlm\n---\nwor|ds")).toBeNull();
  });
});

describe("what is wrong with a prompt file", () => {
  const found = async (text: string) =>
    (await checkPrompt(text, base(), MODELS)).map(({ span, code, message, severity, suggestion }) => ({
      at: text.slice(...span),
      code,
      message,
      severity,
      suggestion,
    }));

  it("is marked where it stands, with what to do", async () => {
    const text = "---\nimages: [cta.png, empty.png, sub, cat.png]\nmodel: tiny-vml\nsede: 3\n---\nx";
    expect(await found(text)).toEqual([
      {
        at: "sede",
        code: "unknown-key",
        message: 'There is no key "sede". Did you mean "seed"?',
        severity: "warning",
        suggestion: "seed",
      },
      {
        at: "tiny-vml",
        code: "model-not-found",
        message: 'There is no model tiny-vml. Did you mean "tiny-vlm"?',
        severity: "error",
        suggestion: "tiny-vlm",
      },
      {
        at: "cta.png",
        code: "image-not-found",
        message: 'There is no picture cta.png. Did you mean "cat.png"?',
        severity: "error",
        suggestion: "cat.png",
      },
      {
        at: "empty.png",
        code: "image-empty",
        message:
          "The picture empty.png is empty: it has 0 bytes. Put the picture there again, or name another one.",
        severity: "error",
        suggestion: null,
      },
      {
        at: "sub",
        code: "image-is-folder",
        message: "sub is a folder, not a picture. Name a picture in it.",
        severity: "error",
        suggestion: null,
      },
    ]);
    expect(await found("---\nimage: cat.png\nmodel: emoji-llava\n---\nx")).toEqual([]);
  });

  it("can be corrected with one click", async () => {
    const text = "---\nimage: cta.png\nsede: 3\n---\nx";
    const { document } = fake.open(Uri.file(path.join(folder, "x.vlm.md")), text, "vlm-prompt");
    const diagnostics = new PromptDiagnostics(() => ({ models: MODELS, log: testLog() }));
    await expect.poll(() => fake.diagnostics.marked.get(document.uri.toString())?.length).toBe(2);
    const marks = fake.diagnostics.marked.get(document.uri.toString()) ?? [];
    const fixes = promptFixes(
      document as unknown as vscode.TextDocument,
      diagnostics.findingsOf(document.uri),
      { diagnostics: marks as unknown as vscode.Diagnostic[] },
    );
    expect(fixes.map(({ title }) => title)).toEqual([
      'Change to "seed"',
      'Change to "cat.png"',
      "Choose Another Picture…",
    ]);
    for (const { edit } of fixes) if (edit) await workspace.applyEdit(edit as unknown as WorkspaceEdit);
    expect(document.text).toBe("---\nimage: cat.png\nseed: 3\n---\nx");
    await expect.poll(() => fake.diagnostics.marked.get(document.uri.toString())).toEqual([]);
    diagnostics.dispose();
  });

  it("can be front matter that is not closed: a click closes it after the last key", async () => {
    const text = "---\nimages:\n  - cat.png\nseed: 3\n\nWhat?";
    const { document } = fake.open(Uri.file(path.join(folder, "x.vlm.md")), text, "vlm-prompt");
    const [finding] = await checkPrompt(text, base(), MODELS);
    const range = { start: new Position(0, 0), end: new Position(0, 3) };
    const [fix] = promptFixes(document as unknown as vscode.TextDocument, finding ? [finding] : [], {
      diagnostics: [{ code: "front-matter-not-closed", range }] as unknown as vscode.Diagnostic[],
    });
    await workspace.applyEdit(fix?.edit as unknown as WorkspaceEdit);
    expect(document.text).toBe("---\nimages:\n  - cat.png\nseed: 3\n---\n\nWhat?");
  });

  it("is looked for again when pictures appear, and forgotten when the file is closed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const diagnostics = new PromptDiagnostics(() => ({ models: MODELS, log: testLog() }));
      const file = Uri.file(path.join(folder, "x.vlm.md"));
      const { document } = fake.open(file, "---\nimage: new.webp\n---\nx", "vlm-prompt");
      fake.open(Uri.file(path.join(folder, "other.md")), "---\nimage: no.png\n---\n", "markdown");
      const marks = () => fake.diagnostics.marked.get(file.toString())?.map(({ code }) => code);
      await vi.advanceTimersByTimeAsync(0);
      await expect.poll(marks).toEqual(["image-not-found"]);
      writeFileSync(path.join(folder, "new.webp"), "x");
      fake.watched.created.fire(Uri.file(path.join(folder, "new.webp")));
      await vi.advanceTimersByTimeAsync(300);
      await expect.poll(marks).toEqual([]);
      document.replace("image", "imagee");
      await vi.advanceTimersByTimeAsync(299);
      expect(marks()).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      await expect.poll(marks).toEqual(["unknown-key"]);
      fake.close(document);
      expect([...fake.diagnostics.marked.keys()]).toEqual([]);
      diagnostics.dispose();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the path of a picture in a prompt file", () => {
  it.each([
    ["/a/b/cat.png", "/a/b", "cat.png"],
    ["/a/c/cat.png", "/a/b", "../c/cat.png"],
    ["/a/b/c d/cat.png", "/a/b", "c d/cat.png"],
  ])("of %s in %s is %s", (image, from, expected) => {
    expect(picturePath(Uri.file(image), Uri.file(from))).toBe(expected);
  });

  it("is absolute where there is no way from the file", () => {
    expect(picturePath(Uri.file("/a/cat.png"), null)).toBe("/a/cat.png");
    expect(picturePath(Uri.file("/a/cat.png"), Uri.parse("vscode-vfs://github/x"))).toBe("/a/cat.png");
  });
});
