import { listSupportedBackends } from "onnxruntime-node";
import { DexarError } from "../../core/errors.js";
import type { Device } from "../../protocol/modelProcess.js";
import { openCutter } from "./cacheCutter.js";
import { readRecord, recordFile, writeRecord } from "./checkRecord.js";
import { CPU, type ReadyDevice } from "./device.js";
import { selfCheck, TOLERANCE, type SelfCheck } from "./selfCheck.js";

/**
 * Makes a device ready: looks whether it is there and, when it is used for the first time, checks it against the CPU.
 * `auto` takes the CPU where WebGPU cannot be used, and says why.
 * @throws DexarError `device-not-supported`, `device-not-available` or `device-check-failed`
 */
export async function openDevice(wanted: Device): Promise<ReadyDevice> {
  switch (wanted) {
    case "cpu":
      return CPU;
    case "webgpu":
      return openWebGpu(true);
    case "auto":
      return openWebGpu(false).catch((error: unknown) => {
        if (!(error instanceof DexarError)) throw error;
        return { ...CPU, notice: `WebGPU is not used, the model runs on the CPU: ${error.message}` };
      });
    case "cuda":
    case "dml":
    case "coreml":
      throw new DexarError(
        "device-not-supported",
        `This version runs models on the CPU or with WebGPU; "${wanted}" is not supported yet.`,
        "Choose the device cpu, webgpu or auto.",
      );
  }
}

/** @param again whether a check that failed before is made once more: the driver may be another one now */
async function openWebGpu(again: boolean): Promise<ReadyDevice> {
  await requireAdapter();
  const { difference, piece } = await checked(again);
  if (difference <= TOLERANCE) return { name: "webgpu", piece, difference, notice: null };
  throw checkFailed(
    `its results differ from the CPU's by ${difference.toExponential(1)} of the largest (limit ${TOLERANCE}).`,
  );
}

async function checked(again: boolean): Promise<SelfCheck> {
  const file = recordFile("webgpu");
  const known = await readRecord(file);
  if (known?.status === "done" && (known.difference <= TOLERANCE || !again)) return known;
  if (known?.status === "running" && !again && !runs(known.pid)) {
    throw checkFailed("the process ended while it was checked, as it does when a graphics driver crashes.");
  }
  await writeRecord(file, { status: "running", pid: process.pid });
  const check = await selfCheck("webgpu");
  await writeRecord(file, { status: "done", ...check });
  return check;
}

/** Opens a graph of one operator, so that a missing adapter is told from a model that does not load. */
async function requireAdapter(): Promise<void> {
  if (!listSupportedBackends().some(({ name }) => name === "webgpu")) {
    throw notAvailable(`this build of ONNX Runtime (${process.platform} ${process.arch}) has no WebGPU`);
  }
  const session = await openCutter("webgpu", "float32").catch((error: unknown) => {
    throw notAvailable(reasonOf(error), error);
  });
  await session.release();
}

/** The end of ONNX Runtime's message, after file, line and condition. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (
    message
      .trim()
      .split(/ was false\. /)
      .at(-1) ?? message
  ).replace(/\.$/, "");
}

function notAvailable(reason: string, cause?: unknown): DexarError {
  const driver =
    process.platform === "linux"
      ? "Install the graphics card's Vulkan driver and the Vulkan loader (on Debian and Ubuntu mesa-vulkan-drivers and libvulkan1)"
      : "Install the graphics card's current driver";
  return new DexarError(
    "device-not-available",
    `There is no WebGPU on this machine: ${reason}.`,
    `${driver}, or choose the device cpu.`,
    { cause },
  );
}

function checkFailed(what: string): DexarError {
  return new DexarError(
    "device-check-failed",
    `WebGPU failed its check on this machine: ${what}`,
    "Update the graphics driver, or choose the device cpu.",
  );
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
