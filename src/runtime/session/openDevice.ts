import { openCutter } from "./cacheCutter.js";
import { readRecord, recordFile, writeRecord } from "./checkRecord.js";
import { CPU, type ReadyDevice, type SessionDevice } from "./device.js";
import { checkFailed, notAvailable, notOpened } from "./deviceErrors.js";
import { missingDevice } from "./deviceSupport.js";
import { measureSpeed } from "./measureSpeed.js";
import { selfCheck, TOLERANCE, type SelfCheck } from "./selfCheck.js";

/** A device that agrees with the CPU. */
export interface CheckedDevice extends ReadyDevice {
  /** Time of the fixed piece of work (`measureSpeed`); null where nobody measured it. */
  readonly milliseconds: number | null;
}

/**
 * Makes a device ready: looks whether it is there and, when it is used for the first time, checks it against the CPU.
 * @param again whether a check that failed before is made once more: the driver may be another one now
 * @throws DexarError `device-not-available` or `device-check-failed`
 */
export async function openDevice(name: SessionDevice, again = true): Promise<CheckedDevice> {
  if (name === "cpu") return { ...CPU, milliseconds: null };
  const missing = missingDevice(name);
  if (missing !== null) throw notAvailable(name, missing);
  await tryOut(name);
  const { difference, piece, milliseconds } = await checked(name, again);
  if (difference <= TOLERANCE) return { name, piece, difference, milliseconds };
  const how = `${difference.toExponential(1)} of the largest (limit ${TOLERANCE})`;
  throw checkFailed(name, `its results differ from the CPU's by ${how}.`);
}

/** How long the CPU takes for the fixed piece of work; measured once. */
export async function cpuMilliseconds(): Promise<number> {
  const file = recordFile("cpu");
  const known = await readRecord(file);
  if (known?.status === "done" && known.milliseconds !== null) return known.milliseconds;
  const milliseconds = await measureSpeed("cpu");
  await writeRecord(file, { status: "done", difference: 0, piece: null, milliseconds });
  return milliseconds;
}

async function checked(name: SessionDevice, again: boolean): Promise<SelfCheck> {
  const file = recordFile(name);
  const known = await readRecord(file);
  if (known?.status === "done" && (known.difference <= TOLERANCE || !again)) return known;
  if (known?.status === "running" && !again && !runs(known.pid)) {
    throw checkFailed(
      name,
      "the process ended while it was checked, as it does when a graphics driver crashes.",
    );
  }
  if (known?.status === "unfinished" && !again) throw checkFailed(name, known.reason);
  await writeRecord(file, { status: "running", pid: process.pid });
  const check = await selfCheck(name).catch(async (error: unknown) => {
    const reason = `it could not be finished (${error instanceof Error ? error.message : String(error)}).`;
    await writeRecord(file, { status: "unfinished", reason });
    throw checkFailed(name, reason);
  });
  await writeRecord(file, { status: "done", ...check });
  return check;
}

/** Opens a graph of one operator, so that a missing card is told from a model that does not load. */
async function tryOut(name: SessionDevice): Promise<void> {
  // cuBLAS rounds float32 to 19 bits on newer cards otherwise; ONNX Runtime's package for Node has no option for it.
  if (name === "cuda") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
  const session = await openCutter(name, "float32").catch((error: unknown) => {
    throw notOpened(name, error);
  });
  await session.release();
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
