import os from "node:os";
import * as vscode from "vscode";
import { modelName } from "../../core/modelName.js";
import { modelStoreFolder } from "../../hub/places.js";
import { trustedValue } from "../trust/restrictedSettings.js";
import { absolutePath } from "./absolutePath.js";
import type { HostSettings, ReadSettings } from "./hostSettings.js";
import { describeRule, obeys, SETTING_RULES, type SettingValues } from "./settingRules.js";

/** The model that comes with the extension: a folder in `models`. */
export const BUNDLED_MODEL = "emoji-llava";

/**
 * Makes the reader of the settings.
 * @param warn is told once of every value that is not allowed; the default is used in its place
 */
export function makeReadSettings(extensionUri: vscode.Uri, warn: (message: string) => void): ReadSettings {
  const warned = new Set<string>();
  return () => {
    const configuration = vscode.workspace.getConfiguration("dexar");
    const read = <N extends keyof SettingValues>(name: N): SettingValues[N] => {
      const rule = SETTING_RULES[name];
      const value = trustedValue(configuration, name) ?? rule.fallback;
      if (obeys(rule, value)) return value;
      const message = `The setting dexar.${name} is ${JSON.stringify(value)}; it must be ${describeRule(rule)}. Using ${JSON.stringify(rule.fallback)}.`;
      if (!warned.has(message)) warn(message);
      warned.add(message);
      return rule.fallback;
    };
    return hostSettings(read, extensionUri);
  };
}

function hostSettings(
  read: <N extends keyof SettingValues>(name: N) => SettingValues[N],
  extensionUri: vscode.Uri,
): HostSettings {
  const dtype = read("model.dtype");
  return {
    nodePath: absolutePath(read("node.path"), os.homedir()),
    model: modelFolder(read("model.path"), extensionUri),
    modelStore: absolutePath(read("models.folder"), os.homedir()) ?? modelStoreFolder(process.env),
    hubEndpoint: read("models.endpoint"),
    device: read("model.device"),
    ...placement(read),
    dtype: dtype === "auto" ? null : dtype,
    idleMinutes: read("model.idleMinutes"),
    prompt: read("prompt"),
    maxNewTokens: read("generation.maxNewTokens"),
    temperature: read("generation.temperature"),
    topK: read("generation.topK"),
    topP: read("generation.topP"),
    minP: read("generation.minP"),
    repetitionPenalty: read("generation.repetitionPenalty"),
    seed: read("generation.seed"),
    stopStrings: read("generation.stopStrings"),
    systemPrompt: read("generation.systemPrompt"),
    live: read("explain.live"),
    preset: read("explain.preset"),
    textSet: read("explain.textSet"),
    colourMap: read("picture.colourMap"),
    opacity: read("picture.opacity"),
    smooth: read("picture.smooth"),
    paper: {
      widthMm: read("export.widthMm"),
      fontSizePt: read("export.fontSizePt"),
      dpi: read("export.dpi"),
    },
    runsKept: read("runs.keep"),
    runsKeptDays: read("runs.keepDays"),
    promptTint: read("promptFile.tint"),
    runOnSave: read("promptFile.runOnSave"),
  };
}

type ReadSetting = <N extends keyof SettingValues>(name: N) => SettingValues[N];

/** Devices of single parts and threads, as far as they are set. */
function placement(read: ReadSetting): Pick<HostSettings, "devices" | "threads"> {
  const parts = {
    vision: read("model.visionDevice"),
    embedding: read("model.embeddingDevice"),
    decoder: read("model.decoderDevice"),
  };
  const set = Object.entries(parts).filter(([, device]) => device !== "same");
  const threads = read("model.threads");
  return {
    ...(set.length > 0 && { devices: Object.fromEntries(set) }),
    ...(threads !== null && { threads }),
  };
}

function modelFolder(setting: string, extensionUri: vscode.Uri): HostSettings["model"] {
  const dir = absolutePath(setting, workspaceFolder() ?? os.homedir());
  if (dir !== null) return { dir, name: modelName(dir) };
  return {
    dir: vscode.Uri.joinPath(extensionUri, "models", BUNDLED_MODEL).fsPath,
    name: BUNDLED_MODEL,
  };
}

/** The folder a relative model path starts in; none in a workspace that may not choose models. */
function workspaceFolder(): string | null {
  if (!vscode.workspace.isTrusted) return null;
  return vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === "file")?.uri.fsPath ?? null;
}
