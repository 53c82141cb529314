import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import esbuild from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBundle } from "../../../scripts/build.js";
import { BUNDLES } from "../../../scripts/bundles.js";
import type * as FakeVscode from "../../helpers/fakeVscode.js";

interface Context {
  readonly subscriptions: { dispose(): void }[];
}
interface Extension {
  activate(context: unknown): void;
  deactivate(): Promise<void>;
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
  activationEvents: string[];
  contributes: {
    customEditors: { viewType: string }[];
    commands: { command: string }[];
    views: Record<string, { id: string }[]>;
  };
};
const folder = mkdtempSync(path.join(os.tmpdir(), "dexar-extension-"));
let extension: Extension;
let fake: typeof FakeVscode.fake;
let context: Context;

/** Makes the stand-in a module beside the built extension, where its `require("vscode")` finds it. */
async function writeFakeVscode(): Promise<void> {
  mkdirSync(path.join(folder, "node_modules/vscode"), { recursive: true });
  await esbuild.build({
    entryPoints: ["test/helpers/fakeVscode.ts"],
    outfile: path.join(folder, "node_modules/vscode/index.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "warning",
  });
}

beforeAll(async () => {
  const bundle = BUNDLES.find(({ out }) => out === "dist/extension.cjs");
  if (bundle === undefined) throw new Error("the extension is not in scripts/bundles.js");
  await buildBundle(bundle, path.join(folder, "extension.cjs"));
  await writeFakeVscode();
  const load = createRequire(path.join(folder, "x.js"));
  const vscode = load("vscode") as typeof FakeVscode;
  ({ fake } = vscode);
  extension = load("./extension.cjs") as Extension;
  const memory = new Map<string, unknown>();
  const memento = {
    get: (key: string, fallback: unknown) => memory.get(key) ?? fallback,
    update: async (key: string, value: unknown) => void memory.set(key, value),
    keys: () => [...memory.keys()],
  };
  context = {
    subscriptions: [],
    extensionUri: vscode.Uri.file("/ext"),
    extension: { id: "dexar.dexar" },
    globalState: memento,
    workspaceState: memento,
    globalStorageUri: vscode.Uri.file(path.join(folder, "storage")),
  } as Context;
  extension.activate(context);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the built extension", () => {
  it("registers exactly the commands and views its manifest announces", () => {
    expect([...fake.commands.keys()].sort()).toEqual(
      manifest.contributes.commands.map(({ command }) => command).sort(),
    );
    const views = Object.values(manifest.contributes.views).flat();
    expect([...fake.treeViews.keys()].sort()).toEqual(views.map(({ id }) => id).sort());
    const restored = manifest.activationEvents.flatMap(
      (event) => /^onWebviewPanel:(.*)/.exec(event)?.[1] ?? [],
    );
    expect([...fake.serializers.keys()].sort()).toEqual(restored.sort());
    expect([...fake.customEditors.keys()]).toEqual(
      manifest.contributes.customEditors.map(({ viewType }) => viewType),
    );
  });

  it("makes nothing before it is asked for something", () => {
    expect(fake.statusBarItems).toEqual([]);
    expect(fake.calls).toEqual([]);
    expect(fake.logs).toEqual([]);
  });

  it("opens its guide", async () => {
    await fake.commands.get("dexar.showGuide")?.();
    const [id, uri] = fake.calls.at(-1) ?? [];
    expect([id, (uri as { path: string }).path]).toEqual(["markdown.showPreview", "/ext/README.md"]);
  });

  it("types the command into a terminal and leaves running it to the user", async () => {
    await fake.commands.get("dexar.openCommandLine")?.();
    expect(fake.calls).toContainEqual(["sendText", 'node "/ext/dist/cli.js" explain ', false]);
  });

  it("shows the model in the status bar from its first use on, without starting it", async () => {
    await fake.commands.get("dexar.model.showLog")?.();
    expect(fake.statusBarItems).toMatchObject([
      { shown: true, text: "$(circle-outline) emoji-llava: not running" },
    ]);
    expect(fake.calls).toContainEqual(["showLog", "DEX-AR"]);
    expect(fake.contexts.get("dexar.modelRunning")).toBe(false);
  });

  it("takes everything back when it is switched off", async () => {
    await extension.deactivate();
    context.subscriptions.forEach((subscription) => subscription.dispose());
    expect([fake.commands.size, fake.treeViews.size, fake.serializers.size]).toEqual([0, 0, 0]);
    expect(fake.statusBarItems).toMatchObject([{ shown: false }]);
    expect(fake.calls).toContainEqual(["dispose", "DEX-AR"]);
    expect(fake.settingsChanged.size).toBe(0);
  });
});
