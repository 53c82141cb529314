import { readFileSync, existsSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import type * as vscode from "vscode";
import { registerCommands } from "../../../src/host/commands/index.js";
import { IMAGE_EXTENSIONS } from "../../../src/host/commands/imageTypes.js";
import { SAMPLE_PICTURE } from "../../../src/host/commands/explainCommands.js";
import { registerViews } from "../../../src/host/views/index.js";
import { GRID_TYPE } from "../../../src/host/grid/gridRegistry.js";
import { CELLS_WITH_RUNS } from "../../../src/host/notebook/cellsWithRuns.js";
import { TINTED_DOCUMENTS } from "../../../src/host/promptTint/promptTint.js";
import { TINT_COLOUR } from "../../../src/host/promptTint/tintStyles.js";
import { PANEL_TYPE } from "../../../src/host/panel/panelRegistry.js";
import { RUN_EDITOR_TYPE } from "../../../src/host/runEditor/runEditorProvider.js";
import { PROMPT_LANGUAGE } from "../../../src/host/prompts/promptDocument.js";
import { SETTING_RULES, type SettingRule } from "../../../src/host/settings/settingRules.js";
import { RESTRICTED_SETTINGS } from "../../../src/host/trust/restrictedSettings.js";
import { actionButton } from "../../../src/host/errors/actionButton.js";
import { fake, Uri } from "../../helpers/fakeVscode.js";

interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}
interface Setting {
  readonly type: string | string[];
  readonly default: unknown;
  readonly scope?: string;
  readonly enum?: unknown[];
  readonly enumDescriptions?: string[];
  readonly markdownEnumDescriptions?: string[];
  readonly minimum?: number;
  readonly maximum?: number;
}
interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly activationEvents: string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: string[] } };
  readonly contributes: {
    readonly commands: { readonly command: string; readonly icon?: string | Record<string, string> }[];
    readonly menus: Record<string, MenuItem[]>;
    readonly submenus: { readonly id: string }[];
    readonly colors: { readonly id: string; readonly defaults: Record<string, string> }[];
    readonly customEditors: { readonly viewType: string }[];
    readonly keybindings: { readonly command: string; readonly key: string; readonly when: string }[];
    readonly configuration: { readonly properties: Record<string, Setting> }[];
    readonly views: Record<string, { readonly id: string; readonly icon: string }[]>;
    readonly viewsContainers: { readonly activitybar: { readonly id: string; readonly icon: string }[] };
    readonly viewsWelcome: { readonly view: string; readonly contents: string }[];
    readonly walkthroughs: {
      readonly id: string;
      readonly steps: {
        readonly description: string;
        readonly media: { readonly svg: string };
        readonly completionEvents: string[];
      }[];
    }[];
  };
}

const source = readFileSync("package.json", "utf8");
const manifest = JSON.parse(source) as Manifest;
const { contributes } = manifest;
const texts = JSON.parse(readFileSync("package.nls.json", "utf8")) as Record<string, string>;
const settings = Object.assign(
  {},
  ...contributes.configuration.map(({ properties }) => properties),
) as Record<string, Setting>;
const commands = contributes.commands.map(({ command }) => command).sort();
const views = Object.values(contributes.views).flat();
const menuItems = Object.values(contributes.menus).flat();

beforeEach(() => fake.reset());

function context(): vscode.ExtensionContext {
  return { subscriptions: [], extensionUri: Uri.file("/ext") } as unknown as vscode.ExtensionContext;
}
const noServices = (): never => {
  throw new Error("registering asked for the services");
};

describe("commands of package.json", () => {
  it("are those that are registered, without asking for anything else", () => {
    registerCommands(context(), noServices);
    expect([...fake.commands.keys()].sort()).toEqual(commands);
  });

  it("are the only ones of ours that menus, keys, texts and error buttons call", () => {
    const called = new Set([
      ...menuItems.flatMap(({ command }) => (command === undefined ? [] : [command])),
      ...contributes.keybindings.map(({ command }) => command),
      ...Object.values(texts).flatMap((text) =>
        [...text.matchAll(/\(command:([\w.]+)\)/g)].map(([, id]) => id),
      ),
      ...[...source.matchAll(/onCommand:([\w.]+)/g)].map(([, id]) => id),
      ...(["openSettings", "showLog", "chooseModel", "restartModel", "runAgain", "chooseImage"] as const).map(
        (id) => actionButton(id).command,
      ),
    ]);
    expect(called.size).toBeGreaterThan(20);
    expect([...called].filter((id) => id === undefined || !commands.includes(id))).toEqual([]);
  });

  it("have icons that exist", () => {
    const files = contributes.commands.flatMap(({ icon }) =>
      typeof icon === "object" ? Object.values(icon) : [],
    );
    const all = [
      ...files,
      ...views.map(({ icon }) => icon),
      contributes.viewsContainers.activitybar[0]?.icon ?? "",
    ];
    expect(all.filter((file) => !existsSync(file))).toEqual([]);
    const codicons = readFileSync("node_modules/@vscode/codicons/dist/codicon.css", "utf8");
    const named = contributes.commands.flatMap(({ icon }) =>
      typeof icon === "string" ? [icon.slice(2, -1)] : [],
    );
    expect(named.filter((name) => !codicons.includes(`.codicon-${name}:`))).toEqual([]);
  });
});

describe("menus of package.json", () => {
  it("show the command on the pictures that the command knows, in upper case too", () => {
    const conditions = ["explorer/context", "editor/title/context", "editor/title"].map(
      (menu) => contributes.menus[menu]?.find(({ command }) => command === "dexar.explainImage")?.when ?? "",
    );
    for (const condition of conditions) {
      const [, pattern = "", flags = ""] = /resourceExtname =~ \/(.*)\/(\w*)/.exec(condition) ?? [];
      const matcher = new RegExp(pattern, flags);
      const shown = [...IMAGE_EXTENSIONS, "PNG", "Jpeg"].filter((extension) => matcher.test(`.${extension}`));
      expect(shown).toEqual([...IMAGE_EXTENSIONS, "PNG", "Jpeg"]);
      expect(
        [".txt", ".pngx", ".svg.txt", ".dexar", ""].filter((extension) => matcher.test(extension)),
      ).toEqual([]);
    }
  });

  it("name submenus, views and panels that exist", () => {
    const submenus = contributes.submenus.map(({ id }) => id);
    expect(menuItems.flatMap(({ submenu }) => submenu ?? []).filter((id) => !submenus.includes(id))).toEqual(
      [],
    );
    const ids = views.map(({ id }) => id);
    const named = [...source.matchAll(/\bview == ([\w.]+)/g)].map(([, id]) => id ?? "");
    expect(new Set(named)).toEqual(new Set(ids));
    // The Models view is never empty.
    const empty = ids.filter((id) => id !== "dexar.models").sort();
    expect(contributes.viewsWelcome.map(({ view }) => view).sort()).toEqual(empty);
    const panels = [
      ...source.matchAll(/(?:activeWebviewPanelId|activeCustomEditorId|webviewId) == '(dexar[\w.]*)'/g),
    ];
    expect(new Set(panels.map(([, id]) => id))).toEqual(new Set([PANEL_TYPE, RUN_EDITOR_TYPE]));
    expect(contributes.customEditors.map(({ viewType }) => viewType)).toEqual([RUN_EDITOR_TYPE]);
    const restored = [PANEL_TYPE, GRID_TYPE, "dexar.compare"];
    expect(manifest.activationEvents.filter((event) => event.startsWith("onWebviewPanel:"))).toEqual(
      restored.map((type) => `onWebviewPanel:${type}`),
    );
  });

  it("use only the context keys that are set", () => {
    const conditions = [...source.matchAll(/"(?:when|enablement)": "([^"]*)"/g)].map(([, text = ""]) => text);
    const bare = conditions.map((text) => text.replace(/'[^']*'|\bview == [\w.]+/g, ""));
    const asked = bare.flatMap((text) => text.match(/\bconfig\.dexar\.[\w.]+/g) ?? []);
    expect(asked.filter((name) => !(name.slice("config.".length) in settings))).toEqual([]);
    const keys = bare.flatMap((text) => text.match(/(?<!config\.)\bdexar\.[\w.]+/g) ?? []);
    expect(new Set(keys)).toEqual(
      new Set([
        ...["dexar.modelRunning", "dexar.hasRuns", "dexar.compareFileSelected"],
        ...[TINTED_DOCUMENTS, CELLS_WITH_RUNS],
      ]),
    );
  });

  it("hold the keys of the panel back while something is typed elsewhere", () => {
    const [ofPrompts, others] = [
      contributes.keybindings.filter(({ command }) => command.startsWith("dexar.prompt.")),
      contributes.keybindings.filter(({ command }) => !command.startsWith("dexar.prompt.")),
    ];
    // These are for somebody who types: in prompt files, and not in cells, which the notebook runs.
    expect(ofPrompts.map(({ when }) => when)).toEqual([
      `editorTextFocus && editorLangId == ${PROMPT_LANGUAGE} && resourceScheme != vscode-notebook-cell`,
    ]);
    const panelKeys = others.filter(({ command }) => command !== "dexar.explainImage");
    expect(panelKeys.length).toBeGreaterThan(3);
    const places = [
      `activeWebviewPanelId == '${PANEL_TYPE}'`,
      `activeCustomEditorId == '${RUN_EDITOR_TYPE}'`,
    ];
    expect(panelKeys.filter(({ when }) => !places.some((place) => when.startsWith(place)))).toEqual([]);
    expect(others.filter(({ when }) => !when.includes("!inputFocus"))).toEqual([]);
  });
});

describe("colours of package.json", () => {
  it("are those that are drawn with, for every kind of theme", () => {
    expect(contributes.colors.map(({ id }) => id)).toEqual([TINT_COLOUR]);
    for (const { defaults } of contributes.colors)
      expect(Object.keys(defaults)).toEqual(["light", "dark", "highContrast", "highContrastLight"]);
  });
});

describe("settings of package.json", () => {
  it("are those that are read, with the same defaults and ranges", () => {
    expect(Object.keys(settings).sort()).toEqual(
      Object.keys(SETTING_RULES)
        .map((name) => `dexar.${name}`)
        .sort(),
    );
    for (const [name, rule] of Object.entries(SETTING_RULES)) {
      expect({ name, ...schemaOf(settings[`dexar.${name}`]) }).toEqual({ name, ...expectedSchema(rule) });
    }
  });

  it("describe each of their choices", () => {
    const chosen = Object.values(settings).filter((setting) => setting.enum !== undefined);
    expect(chosen.length).toBeGreaterThan(3);
    for (const setting of chosen) {
      const described = setting.enumDescriptions ?? setting.markdownEnumDescriptions;
      expect(described).toHaveLength(setting.enum?.length ?? 0);
    }
  });

  it("restrict in untrusted workspaces what chooses programs and models", () => {
    const restricted = RESTRICTED_SETTINGS.map((name) => `dexar.${name}`);
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(restricted);
    expect(settings["dexar.node.path"]?.scope).toBe("machine");
    const scopes = restricted.map((name) => settings[name]?.scope ?? "");
    expect(scopes.every((scope) => scope.startsWith("machine"))).toBe(true);
  });
});

function schemaOf(setting: Setting | undefined) {
  return {
    type: setting?.type,
    default: setting?.default,
    enum: setting?.enum,
    minimum: setting?.minimum,
    maximum: setting?.maximum,
  };
}

function expectedSchema(rule: SettingRule<unknown>) {
  const base = { default: rule.fallback, enum: undefined, minimum: undefined, maximum: undefined };
  switch (rule.kind) {
    case "text":
      return { ...base, type: "string" };
    case "texts":
      return { ...base, type: "array" };
    case "flag":
      return { ...base, type: "boolean" };
    case "choice":
      return { ...base, type: "string", enum: rule.choices };
    case "number": {
      const type = rule.whole ? "integer" : "number";
      return { ...base, type: rule.optional ? [type, "null"] : type, minimum: rule.from, maximum: rule.to };
    }
  }
}

describe("views and walkthrough of package.json", () => {
  it("have a provider for each view, which asks for nothing until it is shown", () => {
    registerViews(context(), noServices);
    expect([...fake.treeViews.keys()].sort()).toEqual(views.map(({ id }) => id).sort());
  });

  it("have pictures and steps that can be completed", () => {
    const [walkthrough] = contributes.walkthroughs;
    expect(walkthrough?.steps).toHaveLength(4);
    for (const { media, completionEvents } of walkthrough?.steps ?? []) {
      const picture = readFileSync(media.svg, "utf8");
      expect(picture).toContain("var(--vscode-foreground");
      // The walkthrough's page allows no styles of the picture's own: it would be black.
      expect(picture).not.toMatch(/<style|style=|class=/);
      expect(completionEvents.length).toBeGreaterThan(0);
    }
    const watched = [...source.matchAll(/onSettingChanged:([\w.]+)/g)].map(([, name]) => name ?? "");
    expect(watched.filter((name) => !(name in settings))).toEqual([]);
  });

  it("have a sample picture", () => {
    expect(existsSync(SAMPLE_PICTURE.join("/"))).toBe(true);
  });
});
