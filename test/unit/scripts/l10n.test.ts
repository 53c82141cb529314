import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BUNDLE, englishBundle } from "../../../scripts/l10n.js";

type Texts = Readonly<Record<string, unknown>>;

function read(file: string): Texts {
  return JSON.parse(readFileSync(file, "utf8")) as Texts;
}

/** `{0}`, `$(icon)`, `command:…` and code in backquotes: what a translation may not lose. */
function fixedParts(text: unknown): string[] {
  return (String(text).match(/\{\d+\}|\$\([\w~-]+\)|command:[\w.]+|`[^`]+`|https?:[^)\s]+/g) ?? []).sort();
}

function englishOf(text: unknown): unknown {
  return typeof text === "object" && text !== null && "message" in text ? text.message : text;
}

/** Keys whose translation is missing, left over, or has lost or gained a fixed part. */
function problems(english: Texts, translated: Texts): string[] {
  const missing = Object.keys(english).filter((key) => !(key in translated));
  const leftOver = Object.keys(translated).filter((key) => !(key in english));
  const changed = Object.entries(translated).filter(
    ([key, text]) => key in english && fixedParts(text).join() !== fixedParts(englishOf(english[key])).join(),
  );
  return [
    ...missing.map((key) => `missing: ${key}`),
    ...leftOver.map((key) => `left over: ${key}`),
    ...changed.map(([key]) => `placeholders differ: ${key}`),
  ];
}

describe("the strings of the extension and its pages", () => {
  it("are all in the bundle (npm run l10n)", async () => {
    expect(readFileSync(BUNDLE, "utf8")).toBe(await englishBundle());
    expect(Object.keys(read(BUNDLE)).length).toBeGreaterThan(100);
  });

  it("are written as l10n.t(…): the extraction does not see a t that was taken out of it", () => {
    const files = ["src/host", "webview"].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    );
    const scripts = files.filter((file) => file.endsWith(".ts"));
    const takesOut = /\}\s*=\s*(vscode\.)?l10n\b|=\s*(vscode\.)?l10n\.t\b(?!\()/;
    expect(scripts.filter((file) => takesOut.test(readFileSync(file, "utf8")))).toEqual([]);
    expect(scripts.length).toBeGreaterThan(100);
  });

  it("have a German translation each", () => {
    expect(problems(read(BUNDLE), read("l10n/bundle.l10n.de.json"))).toEqual([]);
  });
});

describe("the strings of package.json", () => {
  it("have a text for every placeholder, and no text without one", () => {
    const used = [...readFileSync("package.json", "utf8").matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]);
    expect([...new Set(used)].sort()).toEqual(Object.keys(read("package.nls.json")).sort());
  });

  it("have a German translation each", () => {
    expect(problems(read("package.nls.json"), read("package.nls.de.json"))).toEqual([]);
  });

  it("name the folder of the translations", () => {
    const { l10n } = read("package.json");
    expect(l10n).toBe("./l10n");
    expect(existsSync("l10n/bundle.l10n.de.json")).toBe(true);
  });
});

describe("the check of translations", () => {
  it("sees what is missing, left over or has other placeholders", () => {
    const english = { "{0} of {1}": "{0} of {1}", gone: "gone", "a `b`": { message: "a `b`", comment: [] } };
    expect(problems(english, { "{0} of {1}": "{1} von {0}", "a `b`": "ein `b`", gone: "weg" })).toEqual([]);
    expect(problems(english, { "{0} of {1}": "{0} von", "a `b`": "ein b", old: "alt" })).toEqual([
      "missing: gone",
      "left over: old",
      "placeholders differ: {0} of {1}",
      "placeholders differ: a `b`",
    ]);
  });
});
