import { DexarError } from "../../core/errors.js";
import type { DeviceVerdict, Diagnosis } from "../../protocol/doctor.js";
import type { ModelProcessClient } from "../client.js";

/** The part of a model process that is asked. */
export type DoctorClient = Pick<ModelProcessClient, "diagnose" | "checkDevice" | "dispose">;

/** A device that was tried out, by name. */
export type Verdicts = Readonly<Record<string, DeviceVerdict>>;

/** What a machine is and has, and which devices work on it. */
export interface Examination {
  /** Null where the model process itself does not work; `failure` says why. */
  readonly machine: Diagnosis | null;
  readonly failure: { readonly code: string; readonly message: string; readonly nextStep: string } | null;
  /** Of the devices that can be there. */
  readonly verdicts: Verdicts;
}

/** How an examination is followed and ended. */
export interface ExamineOptions {
  readonly signal?: AbortSignal;
  /** Told what is done now. */
  readonly onProgress?: (doing: string) => void;
}

/**
 * Asks a model process for all it knows, and tries every device in it that can be there. A graphics driver that takes
 * the process with it is a result, not a failure: another process goes on, and where none starts any more, that is
 * said of the devices that are left.
 * @throws DexarError `cancelled`
 */
export async function examine(
  start: () => Promise<DoctorClient>,
  { signal, onProgress = () => undefined }: ExamineOptions = {},
): Promise<Examination> {
  const options = signal === undefined ? {} : { signal };
  let client: DoctorClient | null = null;
  const verdicts: Record<string, DeviceVerdict> = {};
  try {
    client = await start();
    const machine = await client.diagnose(options);
    for (const { name, title } of machine.devices.filter(({ missing }) => missing === null)) {
      onProgress(`Trying ${title}`);
      try {
        client ??= await start();
        verdicts[name] = await client.checkDevice({ device: name }, options);
      } catch (error) {
        const { message, nextStep } = knownError(error);
        verdicts[name] = { usable: false, reason: message, nextStep };
        await client?.dispose();
        client = null;
      }
    }
    return { machine, failure: null, verdicts };
  } catch (error) {
    const { code, message, nextStep } = knownError(error);
    return { machine: null, failure: { code, message, nextStep }, verdicts };
  } finally {
    await client?.dispose();
  }
}

/** @throws what is no failure of the machine: a cancel, or a defect of the program */
function knownError(error: unknown): DexarError {
  if (error instanceof DexarError && error.code !== "cancelled") return error;
  throw error;
}
