import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DexarError } from "../../../src/core/errors.js";
import type { ToPanel } from "../../../src/protocol/panel.js";
import { fake } from "../../helpers/fakeVscode.js";
import {
  PanelWindow,
  arrive,
  idle,
  last,
  panelAt,
  say,
  STATUS,
  until,
  uri,
} from "../../helpers/panelWindow.js";

let editor: PanelWindow;

beforeEach(() => {
  fake.reset();
  editor = new PanelWindow();
});

afterEach(() => editor.close());

describe("a panel's page", () => {
  it("is strict: scripts by nonce, styles and pictures of its own, nothing inline, nothing from elsewhere", async () => {
    await editor.panels.explainImage(uri("/pictures/cat.png"));
    const { html, options } = panelAt(0).webview;
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? "";
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
    expect(Buffer.from(nonce, "base64")).toHaveLength(16);
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src https://page.test 'nonce-${nonce}'`,
      "img-src https://page.test blob: data:",
      "font-src https://page.test",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html).toContain(`<script nonce="${nonce}" src="https://page.test/extension/dist/panel.js">`);
    expect(html).not.toMatch(/style="|<style|onload|onclick/);
    expect(options).toMatchObject({ enableScripts: true, localResourceRoots: [{ path: "/extension/dist" }] });
    await editor.panels.explainImage(uri("/pictures/dog.png"));
    expect(panelAt(1).webview.html).not.toContain(nonce);
  });

  it("gets nothing before it is ready, then everything", async () => {
    await editor.panels.explainImage(uri("/pictures/cat.png"));
    const panel = panelAt(0);
    await editor.explain.last.prepare();
    editor.explain.last.token(0);
    editor.status.fire(STATUS);
    await new Promise(setImmediate);
    expect(panel.posted).toEqual([]);
    const snapshot = await arrive(panel);
    expect((panel.posted as ToPanel[]).slice(0, 2).map(({ kind }) => kind)).toEqual(["init", "snapshot"]);
    expect(last(panel, "init")).toMatchObject({
      strings: null,
      preferences: {
        ...{ colourMap: "viridis", opacity: 0.75, smooth: true },
        paper: { widthMm: 84, fontSizePt: 8, dpi: 300 },
      },
    });
    expect(snapshot.form).toEqual({
      imageName: "cat.png",
      prompt: "What is this?",
      target: null,
      maxNewTokens: 8,
      live: false,
      source: null,
    });
    expect(snapshot.finished).toBeNull();
    await expect
      .poll(async () => (await arrive(panel)).live?.tokens.map(({ text }) => text))
      .toEqual([" w0"]);
  });

  it("follows the run: phases, picture, tokens, the finished file", async () => {
    const panel = await editor.explaining();
    editor.explain.last.listener.onPhase("generating");
    await editor.explain.last.prepare();
    editor.explain.last.token(0);
    editor.explain.last.token(1);
    await editor.explain.last.finish("one");
    await until(panel, "finished");
    await idle(panel);
    const kinds = (panel.posted as ToPanel[]).slice(2).map(({ kind }) => kind);
    expect(kinds).toEqual(["activity", "live", "token", "token", "finished", "activity"]);
    expect(last(panel, "finished").finished).toEqual(await editor.runs.read("one"));
    expect(editor.panels.activeRunId).toBe("one");
  });

  it("is taken away when hidden and gets all that happened meanwhile when it comes back", async () => {
    const panel = await editor.explaining();
    await editor.explain.last.prepare();
    await until(panel, "live");
    panel.show(false);
    const before = panel.posted.length;
    editor.explain.last.token(0);
    await editor.explain.last.finish("one");
    await expect.poll(() => editor.panels.activeRunId).toBe("one");
    expect(panel.posted.length).toBe(before);
    panel.show(true);
    const snapshot = await arrive(panel);
    expect(snapshot).toMatchObject({ live: null, finished: { runId: "one" }, activity: { phase: "idle" } });
  });

  it("hears of the model", async () => {
    const panel = await editor.explaining();
    editor.status.fire({ ...STATUS, name: "other" });
    expect(last(panel, "model").model.name).toBe("other");
  });

  it("gets the translations of the window", async () => {
    fake.strings = { "Show Log": "Protokoll zeigen" };
    const panel = await editor.explaining();
    expect(last(panel, "init").strings).toEqual(fake.strings);
  });
});

describe("what a page asks", () => {
  it("opens menus, settings and log by the extension's commands", async () => {
    const panel = await editor.explaining();
    say(panel, { kind: "openModelMenu" });
    for (const action of ["openSettings", "showLog", "chooseModel", "restartModel"] as const)
      say(panel, { kind: "action", action });
    expect(fake.calls.map(([id]) => id)).toEqual([
      "dexar.model.menu",
      "dexar.openSettings",
      "dexar.model.showLog",
      "dexar.model.choose",
      "dexar.model.restart",
    ]);
  });

  it("is answered: an export, another token, a failure without a stack", async () => {
    const panel = await editor.explaining();
    const params = { format: "png", runId: "one", content: Uint8Array.of(1), suffix: "a" } as const;
    say(panel, { kind: "request", id: 7, method: "export", params });
    await until(panel, "reply");
    expect(editor.exported).toEqual([params]);
    expect(last(panel, "reply")).toEqual({
      kind: "reply",
      id: 7,
      result: { ok: { saved: "cat-dexar.json" } },
    });
    editor.explain.alternativeAnswer = () =>
      Promise.reject(new DexarError("wrong-model", "Another model.", "Load it."));
    const alternative = { runId: "one", index: 0, tokenId: 3 };
    say(panel, { kind: "request", id: 8, method: "alternative", params: alternative });
    await until(panel, "reply", 2);
    expect(last(panel, "reply")).toEqual({
      kind: "reply",
      id: 8,
      result: { error: { code: "wrong-model", message: "Another model.", nextStep: "Load it." } },
    });
  });
});
