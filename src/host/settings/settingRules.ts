import type { Preset, TextSet } from "../../core/attribution/settings.js";
import { DEVICES, type Device } from "../../protocol/modelProcess.js";
import { COLOUR_MAP_NAMES, isTwoSided, type ColourMapName } from "../../core/heatmap/colourMap.js";

/** What a setting may be. `package.json` says the same to the settings editor; a test compares the two. */
export type SettingRule<T> =
  | { readonly kind: "text"; readonly fallback: T & string }
  /** A list of texts, none empty. */
  | { readonly kind: "texts"; readonly fallback: T }
  | { readonly kind: "choice"; readonly fallback: T; readonly choices: readonly T[] }
  | { readonly kind: "flag"; readonly fallback: T & boolean }
  | {
      readonly kind: "number";
      readonly fallback: T;
      readonly whole: boolean;
      readonly from: number;
      readonly to: number;
      /** Whether no value (null) is one. */
      readonly optional: boolean;
    };

/** A part's own device, or that of the model. */
export type PartDevice = Device | "same";

const PART: SettingRule<PartDevice> = { kind: "choice", fallback: "same", choices: ["same", ...DEVICES] };

/** The settings under `dexar.` and the type of their values. */
export interface SettingValues {
  readonly "node.path": string;
  readonly "model.path": string;
  readonly "model.device": Device;
  readonly "model.visionDevice": PartDevice;
  readonly "model.embeddingDevice": PartDevice;
  readonly "model.decoderDevice": PartDevice;
  readonly "model.threads": number | null;
  readonly "model.dtype": string;
  readonly "model.idleMinutes": number;
  readonly "models.folder": string;
  readonly "models.endpoint": string;
  readonly prompt: string;
  readonly "generation.maxNewTokens": number;
  readonly "generation.temperature": number;
  readonly "generation.topK": number;
  readonly "generation.topP": number;
  readonly "generation.minP": number;
  readonly "generation.repetitionPenalty": number | null;
  readonly "generation.seed": number | null;
  readonly "generation.stopStrings": readonly string[];
  readonly "generation.systemPrompt": string;
  readonly "explain.live": boolean;
  readonly "explain.preset": Preset;
  readonly "explain.textSet": Extract<TextSet, string>;
  readonly "picture.colourMap": ColourMapName;
  readonly "picture.opacity": number;
  readonly "picture.smooth": boolean;
  readonly "export.widthMm": number;
  readonly "export.fontSizePt": number;
  readonly "export.dpi": number;
  readonly "runs.keep": number;
  readonly "runs.keepDays": number;
  readonly "promptFile.tint": boolean;
  readonly "promptFile.runOnSave": boolean;
  readonly "notebook.saveOutputs": boolean;
}

/** Every setting's range and default; the defaults of the question and its answer are the command line's. */
export const SETTING_RULES: { readonly [N in keyof SettingValues]: SettingRule<SettingValues[N]> } = {
  "node.path": { kind: "text", fallback: "" },
  "model.path": { kind: "text", fallback: "" },
  "model.device": { kind: "choice", fallback: "cpu", choices: DEVICES },
  "model.visionDevice": PART,
  "model.embeddingDevice": PART,
  "model.decoderDevice": PART,
  "model.threads": { kind: "number", fallback: null, whole: true, from: 1, to: 1024, optional: true },
  "model.dtype": {
    kind: "choice",
    fallback: "auto",
    choices: ["auto", "fp32", "fp16", "q8", "q4", "q4f16"],
  },
  "model.idleMinutes": number(10, 0, 1440, false),
  "models.folder": { kind: "text", fallback: "" },
  "models.endpoint": { kind: "text", fallback: "" },
  prompt: { kind: "text", fallback: "describe the picture." },
  "generation.maxNewTokens": number(64, 1, 4096),
  "generation.temperature": number(0, 0, 100, false),
  "generation.topK": number(0, 0, 1_000_000),
  "generation.topP": number(1, 0, 1, false),
  "generation.minP": number(0, 0, 1, false),
  "generation.repetitionPenalty": {
    kind: "number",
    fallback: null,
    whole: false,
    from: 0.01,
    to: 100,
    optional: true,
  },
  "generation.stopStrings": { kind: "texts", fallback: [] },
  "generation.systemPrompt": { kind: "text", fallback: "" },
  "generation.seed": {
    kind: "number",
    fallback: null,
    whole: true,
    from: 0,
    to: 2 ** 32 - 1,
    optional: true,
  },
  "explain.live": { kind: "flag", fallback: true },
  "explain.preset": { kind: "choice", fallback: "paper", choices: ["paper", "reference"] },
  "explain.textSet": {
    kind: "choice",
    fallback: "all",
    choices: ["all", "no-special", "prompt", "generated"],
  },
  "picture.colourMap": {
    kind: "choice",
    fallback: "viridis",
    choices: COLOUR_MAP_NAMES.filter((name) => !isTwoSided(name)),
  },
  "picture.opacity": number(0.75, 0, 1, false),
  "picture.smooth": { kind: "flag", fallback: true },
  "export.widthMm": number(84, 30, 500, false),
  "export.fontSizePt": number(8, 4, 36, false),
  "export.dpi": number(300, 72, 1200),
  "runs.keep": number(50, 1, 1000),
  "runs.keepDays": number(0, 0, 3650),
  "promptFile.tint": { kind: "flag", fallback: true },
  "promptFile.runOnSave": { kind: "flag", fallback: false },
  "notebook.saveOutputs": { kind: "flag", fallback: true },
};

function number(fallback: number, from: number, to: number, whole = true): SettingRule<number> {
  return { kind: "number", fallback, whole, from, to, optional: false };
}

/** Whether a value is one the rule allows. */
export function obeys<T>(rule: SettingRule<T>, value: unknown): value is T {
  switch (rule.kind) {
    case "text":
      return typeof value === "string";
    case "texts":
      return Array.isArray(value) && value.every((text) => typeof text === "string" && text !== "");
    case "choice":
      return (rule.choices as readonly unknown[]).includes(value);
    case "flag":
      return typeof value === "boolean";
    case "number":
      if (value === null) return rule.optional;
      if (typeof value !== "number" || !(value >= rule.from && value <= rule.to)) return false;
      return !rule.whole || Number.isInteger(value);
  }
}

/** What a rule allows, in words for the log. */
export function describeRule(rule: SettingRule<unknown>): string {
  switch (rule.kind) {
    case "text":
      return "a text";
    case "texts":
      return "a list of texts";
    case "choice":
      return `one of ${rule.choices.map(String).join(", ")}`;
    case "flag":
      return "true or false";
    case "number": {
      const range = `a ${rule.whole ? "whole " : ""}number from ${rule.from} to ${rule.to}`;
      return rule.optional ? `${range}, or null` : range;
    }
  }
}
