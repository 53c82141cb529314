import type { Preset, TextSet } from "../../core/attribution/settings.js";
import type { ColourMapName } from "../../core/heatmap/colourMap.js";
import type { Device, DeviceWish } from "../../protocol/modelProcess.js";
import type { PaperPreferences } from "../../protocol/panel.js";

/** The user's settings as the services use them: checked, within their ranges, paths absolute. */
export interface HostSettings {
  /** A plain Node to run the model process with; null: the editor's own. */
  readonly nodePath: string | null;
  /** The bundled model unless the user chose another. */
  readonly model: {
    /** Absolute path of the model folder. */
    readonly dir: string;
    /** Shown name. */
    readonly name: string;
  };
  /** Absolute path of the folder that models are downloaded to. */
  readonly modelStore: string;
  /** Address of the hub or a mirror; empty: the environment's or the public one. */
  readonly hubEndpoint: string;
  readonly device: Device;
  /** Devices of single parts; absent: as `device` says. */
  readonly devices?: DeviceWish["devices"];
  /** Of the processor; absent: one per core. */
  readonly threads?: number;
  /** null: the best available. */
  readonly dtype: string | null;
  /** The process ends after this long without work; 0: never. */
  readonly idleMinutes: number;
  /** The question asked when none was typed. */
  readonly prompt: string;
  readonly maxNewTokens: number;
  /** 0: greedy. */
  readonly temperature: number;
  /** 0: all tokens. */
  readonly topK: number;
  /** 1: all tokens. */
  readonly topP: number;
  /** 0: all tokens. */
  readonly minP: number;
  /** null: the model's own. */
  readonly repetitionPenalty: number | null;
  readonly seed: number | null;
  readonly stopStrings: readonly string[];
  /** Empty: none. */
  readonly systemPrompt: string;
  /** Explain each token as it appears instead of 32 at once. */
  readonly live: boolean;
  readonly preset: Preset;
  readonly textSet: Extract<TextSet, string>;
  readonly colourMap: ColourMapName;
  /** 0 to 1 */
  readonly opacity: number;
  readonly smooth: boolean;
  /** How exported pictures are drawn. */
  readonly paper: PaperPreferences;
  /** Finished runs kept in the extension's storage. */
  readonly runsKept: number;
  /** Older ones go; 0: none goes for its age. */
  readonly runsKeptDays: number;
  /** The words of prompt files are tinted by their text score. */
  readonly promptTint: boolean;
  /** A prompt file that was edited is run again in its panel when it is saved. */
  readonly runOnSave: boolean;
}

/** Reads the settings as they are now (`readSettings.ts`); services call it at each use, never at activation. */
export type ReadSettings = () => HostSettings;
