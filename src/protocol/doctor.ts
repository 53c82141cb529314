import type { Device } from "./modelProcess.js";

/** A device of ONNX Runtime, and whether it can be there at all. */
export interface DeviceFact {
  readonly name: Exclude<Device, "auto">;
  /** As its maker calls it. */
  readonly title: string;
  /** Why it cannot be there, and what to do; null where nothing is against it before it is tried. */
  readonly missing: { readonly reason: string; readonly nextStep: string | null } | null;
}

/** What trying a device out gave. */
export type DeviceVerdict =
  | {
      readonly usable: true;
      /** Largest difference from the CPU, relative to the largest value; null on the CPU itself. */
      readonly difference: number | null;
      /** Positions that one forward pass may take in; null: any number. */
      readonly piece: number | null;
      /** Time of a fixed piece of work, the same on every device; null where nobody measured it. */
      readonly milliseconds: number | null;
    }
  | { readonly usable: false; readonly reason: string; readonly nextStep: string };

/** A folder that DEX-AR or the models' library fills. */
export interface CacheFact {
  readonly name: string;
  readonly path: string;
  /** Bytes of its files; null where there is no such folder. */
  readonly bytes: number | null;
}

/** What the model process knows of the machine it runs on. Paths begin with `~` where they are in the user's folder. */
export interface Diagnosis {
  readonly tool: string;
  readonly protocol: number;
  readonly program: { readonly path: string; readonly versions: Readonly<Record<string, string>> };
  readonly system: {
    readonly platform: string;
    readonly arch: string;
    readonly release: string;
    /** Distribution or product; null where the system does not say. */
    readonly name: string | null;
  };
  readonly processor: { readonly model: string; readonly cores: number; readonly usable: number };
  readonly memory: { readonly total: number; readonly available: number };
  /** Graphics cards as the system names them: maker and kind; empty where it does not say. */
  readonly cards: readonly string[];
  readonly onnxRuntime: {
    readonly version: string;
    readonly folder: string;
    /** Devices that it was built with. */
    readonly backends: readonly string[];
  };
  readonly devices: readonly DeviceFact[];
  /** Variables that matter and are set; of secrets only that they are. */
  readonly environment: Readonly<Record<string, string>>;
  readonly caches: readonly CacheFact[];
}
