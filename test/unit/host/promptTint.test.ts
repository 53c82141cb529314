import { beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { attribute } from "../../../src/core/attribution/attribute.js";
import { attributionInput } from "../../../src/core/attribution/attributionInput.js";
import { runDigest } from "../../../src/core/run/runDigest.js";
import type { PromptToken } from "../../../src/core/run/types.js";
import { PromptTint } from "../../../src/host/promptTint/promptTint.js";
import { tintLevels } from "../../../src/host/promptTint/tintLevels.js";
import type { QuestionSource, TintedRun } from "../../../src/host/services.js";
import type { WordWinsReport } from "../../../src/protocol/panel.js";
import {
  ColorThemeKind,
  fake,
  type FakeDocument,
  type FakeTextEditor,
  Position,
  Uri,
} from "../../helpers/fakeVscode.js";
import { runEntry } from "../../helpers/fakeServices.js";
import { SETTINGS } from "../../helpers/hostServices.js";
import { sampleRun } from "../../helpers/sampleRun.js";

const PROMPT = "Is the 🐈 red?\nSay why.";
const FILE = `---\nimage: cat.png\n---\n\n${PROMPT}\n`;
const uri = Uri.file("/folder/cat.vlm.md");
const NO_DIGEST = { readDigest: () => Promise.reject(new Error("no digest")) };

/** The prompt as tokens, each with its place; the emoji is two tokens of one character. */
const TOKENS: PromptToken[] = [
  { text: "<s>", kind: "special", span: null },
  { text: "<image>", kind: "image", span: null },
  { text: "Is", kind: "text", span: [0, 2] },
  { text: " the", kind: "text", span: [2, 6] },
  { text: " \ufffd", kind: "text", span: [6, 9] },
  { text: "\ufffd", kind: "text", span: [7, 9] },
  { text: " red", kind: "text", span: [9, 13] },
  { text: "?\n", kind: "text", span: [13, 15] },
  { text: "Say", kind: "text", span: [15, 18] },
  { text: " why", kind: "text", span: [18, 22] },
  { text: ".", kind: "text", span: [22, 23] },
  { text: "</s>", kind: "special", span: null },
];
const [IS, THE, CAT, RED, SAY] = [2, 3, 4, 6, 8];

function source(text: string, words = PROMPT, version = 1): QuestionSource {
  const from = text.indexOf(words);
  return { uri, version, span: [from, from + words.length] };
}

function run(place: QuestionSource, runId = "run"): TintedRun {
  return { runId, prompt: { text: PROMPT, tokens: TOKENS }, answer: ["Yes", ",", " red"], source: place };
}

/** Positions with the heads they won, of 20. */
function report(wins: Record<number, number>, token: WordWinsReport["token"] = null): WordWinsReport {
  return {
    runId: "run",
    token,
    total: 20,
    wins: Object.entries(wins).map(([position, heads]) => ({
      position: Number(position),
      wins: {
        heads,
        dropped: 1,
        sum: heads * 0.1,
        strongest: { token: 2, layer: 3, head: 4, score: heads / 100 },
      },
    })),
  };
}

let tint: PromptTint;
let document: FakeDocument;
let editor: FakeTextEditor;

beforeEach(() => {
  fake.reset();
  const on = (): boolean => fake.userSettings.get("dexar.promptFile.tint") !== false;
  tint = new PromptTint({ runs: NO_DIGEST, readSettings: () => ({ ...SETTINGS, promptTint: on() }) });
});

function open(text = FILE, language = "vlm-prompt"): void {
  ({ document, editor } = fake.open(uri, text, language));
}

/** What is tinted, with its step from the weakest on: fills, then lines. */
function drawn(of: FakeTextEditor = editor): { fills: string[][]; lines: string[][] } {
  const kinds = [...of.drawn].filter(([type]) => !type.disposed);
  const texts = (name: string): string[][] =>
    kinds
      .filter(([{ options }]) => name in options)
      .map(([, ranges]) => ranges.map((range) => of.document.getText(range)));
  return { fills: texts("backgroundColor"), lines: texts("borderStyle") };
}

const words = (): string[] => drawn().fills.flat().sort();

function hover(text: string): vscode.Hover | undefined {
  const [provider] = fake.hoverProviders as vscode.HoverProvider[];
  const position = document.positionAt(document.text.indexOf(text));
  return provider?.provideHover(
    document as unknown as vscode.TextDocument,
    position as unknown as vscode.Position,
    undefined as unknown as vscode.CancellationToken,
  ) as vscode.Hover | undefined;
}

const hoverText = (text: string): string =>
  (hover(text)?.contents ?? []).map((part) => (part as vscode.MarkdownString).value).join("\n====\n");

describe("the tint of a prompt's words", () => {
  it("is stronger for words that won more heads, relative to the file's own words", () => {
    open();
    tint.show("panel", run(source(FILE)), report({ [IS]: 2, [THE]: 1, [RED]: 8, 0: 20, 11: 20, 13: 9 }));
    // 1 and 2 of 8 heads are in the lowest quarter; the template's 20 count for nothing here.
    expect(drawn().fills).toEqual([["Is", " the"], [], [], [" red"]]);
    expect(drawn().lines).toEqual([["Is", " the"], [], [" red"]]);
  });

  it("stands on the right characters: several bytes, lines ended by CRLF, two tokens of one character", () => {
    open(FILE.replaceAll("\n", "\r\n"));
    const written = PROMPT.replaceAll("\n", "\r\n");
    tint.show("panel", run(source(document.text, written)), report({ [CAT]: 4, 5: 4, 7: 4, [SAY]: 4, 9: 1 }));
    expect(drawn().fills[3]).toEqual([" 🐈", "🐈", "?\r\n", "Say"]);
    expect(drawn().fills[0]).toEqual([" why"]);
    expect(hoverText("🐈").match(/position/g)).toHaveLength(2);
  });

  it("follows another report at once, and goes with its owner", () => {
    open();
    tint.show("panel", run(source(FILE)), report({ [IS]: 2 }));
    tint.show("panel", run(source(FILE), "kept"), report({ [RED]: 2 }, { index: 2, text: " red" }));
    expect(words()).toEqual([" red"]);
    expect(fake.contexts.get("dexar.tintedDocuments")).toEqual([uri.toString()]);
    expect(tint.isTinted(uri)).toBe(true);
    let changes = 0;
    tint.onDidChange(() => changes++);
    tint.clear("panel");
    expect([changes, tint.isTinted(uri)]).toEqual([1, false]);
    expect(words()).toEqual([]);
    expect(hover("red")).toBeUndefined();
    expect(fake.contexts.get("dexar.tintedDocuments")).toEqual([]);
  });

  it("is of the run that was shown last where two speak of the same words, and of the other one after it", () => {
    open();
    tint.show("one", run(source(FILE)), report({ [IS]: 2 }));
    tint.show("two", run(source(FILE)), report({ [RED]: 2 }));
    expect(words()).toEqual([" red"]);
    tint.clear("two");
    expect(words()).toEqual(["Is"]);
  });

  it("can be switched off and on", () => {
    open();
    tint.show("panel", run(source(FILE)), report({ [IS]: 2 }));
    fake.set("dexar.promptFile.tint", false);
    expect([words(), hover("Is")]).toEqual([[], undefined]);
    fake.set("dexar.promptFile.tint", true);
    expect(words()).toEqual(["Is"]);
  });

  it.each([ColorThemeKind.HighContrast, ColorThemeKind.HighContrastLight])(
    "is lines of one theme colour in high contrast (%i)",
    (kind) => {
      open();
      tint.show("panel", run(source(FILE)), report({ [IS]: 1, [RED]: 8 }));
      fake.themeKind = kind;
      fake.themeChanged.fire({ kind });
      expect(drawn()).toEqual({ fills: [], lines: [["Is"], [], [], [" red"]] });
      const colours = [...editor.drawn.keys()].filter(({ disposed }) => !disposed);
      expect(colours.map(({ options }) => options["borderColor"])).toEqual(
        Array.from({ length: 4 }, () => ({ id: "dexar.promptTint" })),
      );
    },
  );

  it("frees everything in the end", () => {
    open();
    tint.show("panel", run(source(FILE)), report({ [IS]: 2 }));
    tint.dispose();
    expect([...editor.drawn.keys()].every(({ disposed }) => disposed)).toBe(true);
    expect([fake.documentChanged.size, fake.themeChanged.size, fake.hoverProviders.length]).toEqual([
      0, 0, 0,
    ]);
  });
});

describe("edits", () => {
  beforeEach(() => {
    open();
    tint.show("panel", run(source(FILE)), report({ [IS]: 2, [RED]: 2, [SAY]: 2 }));
  });

  it("before the words move the tint, and are no edit of the prompt", () => {
    document.replace("image: cat.png", "image: pictures/cat.png\nseed: 3");
    expect(words()).toEqual([" red", "Is", "Say"]);
    expect(hoverText("red")).not.toContain("edited");
  });

  it("of a word take its tint away and say so on the others; undo brings it back", () => {
    document.replace("red", "blue");
    expect(words()).toEqual(["Is", "Say"]);
    expect(hoverText("Say")).toContain("The prompt was edited since this run.");
    expect(hover("blue")).toBeUndefined();
    document.replace("Say", "Tell");
    document.replace("blue", "red");
    expect(words()).toEqual(["Is"]);
    document.replace("Tell", "Say");
    expect(words()).toEqual([" red", "Is", "Say"]);
    expect(hoverText("Say")).not.toContain("edited");
  });

  it("beside a word leave its tint", () => {
    document.replace("?", ", really?");
    expect(words()).toEqual([" red", "Is", "Say"]);
    expect(hoverText("Say")).toContain("edited");
  });

  it("that replace everything take it all away, until the words are back", () => {
    document.replace(FILE, "Something else");
    expect(words()).toEqual([]);
    document.replace("Something else", PROMPT);
    expect(words()).toEqual([" red", "Is", "Say"]);
  });

  it("of the line ends keep it", () => {
    document.setEol("\r\n");
    expect(words()).toEqual([" red", "Is", "Say"]);
  });

  it("keep it through another report of the same run", () => {
    document.replace("red", "blue");
    tint.show("panel", run(source(FILE)), report({ [IS]: 2, [RED]: 2 }));
    expect(words()).toEqual(["Is"]);
  });
});

describe("a file that is opened again", () => {
  it("is tinted when its words are the same, wherever they stand now", () => {
    tint.show("panel", run(source(FILE)), report({ [RED]: 2 }));
    open(FILE.replace("image: cat.png", "image: pictures/cat.png"));
    expect(words()).toEqual([" red"]);
    fake.close(document);
    open();
    expect(words()).toEqual([" red"]);
  });

  it("is not tinted when its words are others, until they are the same again", () => {
    tint.show("panel", run(source(FILE)), report({ [RED]: 2 }));
    open(FILE.replace("red", "blue"));
    expect(words()).toEqual([]);
    document.replace("blue", "red");
    expect(words()).toEqual([" red"]);
  });
});

describe("a selection", () => {
  const text = `# Notes\n\n${PROMPT}\n\nMore: Is the dog red?\n`;

  it("is tinted in any text file, where it stood", () => {
    open(text, "markdown");
    tint.show("panel", run(source(text)), report({ [IS]: 2, [RED]: 1 }));
    expect(words()).toEqual([" red", "Is"]);
    expect(hoverText("Is the dog")).toBe("");
  });

  it("is found elsewhere when the file changed while it was closed, unless it is there twice", () => {
    tint.show("panel", run(source(text)), report({ [IS]: 2 }));
    open(`One line more.\n${text}`, "markdown");
    expect(words()).toEqual(["Is"]);
    fake.close(document);
    open(`One line more.\n${text}${text}`, "markdown");
    expect(words()).toEqual([]);
  });

  it("in a prompt file is tinted alone", () => {
    open(`${FILE}And what else?\n`);
    tint.show("panel", run(source(FILE)), report({ [IS]: 2 }));
    expect(words()).toEqual(["Is"]);
    document.replace("cat.png", "dog.png");
    expect(words()).toEqual(["Is"]);
  });
});

describe("the numbers of a word", () => {
  beforeEach(() => open());

  it("are said for the whole answer, with the token that it won strongest for", () => {
    tint.show("panel", run(source(FILE)), report({ [RED]: 5 }));
    const text = hoverText("red");
    expect(text).toContain("**·red** position 6");
    expect(text).toContain("For the whole answer:");
    expect(text).toContain("won the text score of 5 of 20 heads \\(25 %\\)");
    expect(text).toContain("1 of them dropped because of it");
    expect(text).toContain("strongest: layer 3, head 4, S\\_text 0.0500, for «·red»");
  });

  it("are said for the pinned token", () => {
    tint.show("panel", run(source(FILE)), report({ [RED]: 5 }, { index: 0, text: "Yes" }));
    expect(hoverText("red")).toContain("For the token «Yes»:");
    expect(hoverText("Is")).toContain("won the text score of no head");
  });

  it("lead to the word in the panel, and to nothing else", () => {
    tint.show("panel", run(source(FILE)), report({ [RED]: 5 }));
    const [content] = hover("red")?.contents as vscode.MarkdownString[];
    expect(content?.isTrusted).toEqual({ enabledCommands: ["dexar.prompt.showWord"] });
    const [, query = ""] = /command:dexar\.prompt\.showWord\?([^)]*)\)/.exec(content?.value ?? "") ?? [];
    expect(JSON.parse(decodeURIComponent(query))).toEqual(["run", RED]);
  });

  it("are not there where no word of the run is", () => {
    tint.show("panel", run(source(FILE)), report({ [RED]: 5 }));
    expect(hover("image:")).toBeUndefined();
    const other = fake.open(Uri.file("/folder/other.md"), "Is", "markdown");
    const [provider] = fake.hoverProviders as { provideHover(document: unknown, at: unknown): unknown }[];
    expect(provider?.provideHover(other.document, new Position(0, 0))).toBeUndefined();
  });
});

describe("tintLevels", () => {
  it("goes from the weakest to the strongest step, and leaves out what won nothing", () => {
    const levels = tintLevels(
      report({ 1: 0, 2: 1, 3: 25, 4: 26, 5: 50, 6: 51, 7: 76, 8: 100 }).wins,
      () => true,
    );
    expect([...levels].map(([position, { fill }]) => [position, fill])).toEqual([
      [2, 0],
      [3, 0],
      [4, 1],
      [5, 1],
      [6, 2],
      [7, 3],
      [8, 3],
    ]);
    expect(levels.get(8)).toEqual({ fill: 3, line: 2 });
  });
});

describe("a run that no page looks at", () => {
  const info = async () => {
    const made = await sampleRun({ columns: 4, rows: 4, answer: ["a", " cat", "</s>"], prompt: PROMPT });
    let at = 0;
    const tokens = made.info.prompt.tokens.map((token): PromptToken => {
      if (token.kind !== "text") return { ...token, span: null };
      at += token.text.length;
      return { ...token, span: [at - token.text.length, at] };
    });
    return { ...made, info: { ...made.info, prompt: { ...made.info.prompt, tokens } } };
  };

  it("tints its words by the whole answer, from its digest; its end token does not count", async () => {
    const made = await info();
    const picture = { type: "image/png", bytes: made.image } as const;
    const digest = runDigest(made, attribute(attributionInput(made), made.info.settings), picture);
    const readSettings = () => SETTINGS;
    tint = new PromptTint({ runs: { readDigest: () => Promise.resolve(digest) }, readSettings });
    open();
    const entry = { ...runEntry("kept", made.info), source: source(FILE) };
    await tint.showAnswer("cell", entry);
    expect(words().length).toBeGreaterThan(0);
    expect(words().every((word) => PROMPT.includes(word))).toBe(true);
    expect(hoverText("Is")).toMatch(/of 48 heads/);
    await tint.showAnswer("cell", runEntry("typed", made.info));
    expect(words()).toEqual([]);
  });
});
