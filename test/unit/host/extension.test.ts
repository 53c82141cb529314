import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBundle } from "../../../scripts/build.js";
import { BUNDLES } from "../../../scripts/bundles.js";

/** Stands in for the editor: remembers what the extension registers and asks for. */
const FAKE_VSCODE = `
const calls = [];
const commands = new Map();
const Uri = { joinPath: (base, ...parts) => ({ fsPath: [base.fsPath, ...parts].join("/") }) };
module.exports = {
  calls,
  registered: commands,
  Uri,
  commands: {
    registerCommand(id, run) {
      commands.set(id, run);
      return { dispose: () => commands.delete(id) };
    },
    executeCommand: async (id, ...args) => void calls.push([id, ...args]),
  },
  window: {
    createTerminal: (options) => ({
      show: () => calls.push(["show", options.name]),
      sendText: (text, run) => calls.push(["sendText", text, run]),
      dispose: () => calls.push(["dispose", options.name]),
    }),
  },
};`;

interface FakeVscode {
  readonly calls: unknown[][];
  readonly registered: Map<string, () => unknown>;
}
interface Context {
  readonly subscriptions: { dispose(): void }[];
  readonly extensionUri: { fsPath: string };
}
interface Extension {
  activate(context: Context): void;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  contributes: { commands: { command: string; title: string; category: string }[] };
};
const folder = mkdtempSync(path.join(os.tmpdir(), "dexar-extension-"));
let extension: Extension;
let vscode: FakeVscode;
let context: Context;

beforeAll(async () => {
  const bundle = BUNDLES.find(({ out }) => out === "dist/extension.cjs");
  if (bundle === undefined) throw new Error("the extension is not in scripts/bundles.js");
  await buildBundle(bundle, path.join(folder, "extension.cjs"));
  mkdirSync(path.join(folder, "node_modules/vscode"), { recursive: true });
  writeFileSync(path.join(folder, "node_modules/vscode/index.js"), FAKE_VSCODE);
  const load = createRequire(path.join(folder, "x.js"));
  vscode = load("vscode") as FakeVscode;
  extension = load("./extension.cjs") as Extension;
  context = { subscriptions: [], extensionUri: { fsPath: "/ext" } };
  extension.activate(context);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the built extension", () => {
  it("registers exactly the commands its manifest announces", () => {
    expect([...vscode.registered.keys()].sort()).toEqual(
      manifest.contributes.commands.map(({ command }) => command).sort(),
    );
  });

  it("opens its guide", async () => {
    await vscode.registered.get("dexar.showGuide")?.();
    expect(vscode.calls).toContainEqual(["markdown.showPreview", { fsPath: "/ext/README.md" }]);
  });

  it("types the command into a terminal and leaves running it to the user", () => {
    vscode.registered.get("dexar.openCommandLine")?.();
    expect(vscode.calls).toContainEqual(["sendText", 'node "/ext/dist/cli.js" explain ', false]);
  });

  it("takes everything back when it is switched off", () => {
    context.subscriptions.forEach((subscription) => subscription.dispose());
    expect(vscode.registered.size).toBe(0);
    expect(vscode.calls).toContainEqual(["dispose", "DEX-AR"]);
  });
});

describe("the manifest", () => {
  it("has a text for every placeholder, and no text without one", () => {
    const texts = JSON.parse(readFileSync("package.nls.json", "utf8")) as Record<string, string>;
    const used = [...readFileSync("package.json", "utf8").matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]);
    expect([...new Set(used)].sort()).toEqual(Object.keys(texts).sort());
  });
});
