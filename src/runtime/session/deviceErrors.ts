import { DexarError } from "../../core/errors.js";
import { DEVICE_TITLES, type SessionDevice } from "./device.js";
import type { MissingDevice } from "./deviceSupport.js";

/** `device-not-available`: there is no such device here. */
export function notAvailable(device: SessionDevice, missing: MissingDevice, cause?: unknown): DexarError {
  const { reason, nextStep } = missing;
  const step =
    nextStep === null ? "Choose the device cpu or auto." : `${nextStep}, or choose the device cpu.`;
  const message = `There is no ${DEVICE_TITLES[device]} on this machine: ${reason}.`;
  return new DexarError("device-not-available", message, step, { cause });
}

/** The same where ONNX Runtime itself said so. */
export function notOpened(device: SessionDevice, cause: unknown): DexarError {
  return notAvailable(device, { reason: reasonOf(cause), nextStep: DRIVERS[device] }, cause);
}

/** `device-check-failed`: it is there, and computes something else than the CPU. */
export function checkFailed(device: SessionDevice, what: string): DexarError {
  return new DexarError(
    "device-check-failed",
    `${DEVICE_TITLES[device]} failed its check on this machine: ${what}`,
    "Update the graphics driver, or choose the device cpu.",
  );
}

const DRIVERS: Readonly<Record<SessionDevice, string | null>> = {
  cpu: null,
  webgpu:
    process.platform === "linux"
      ? "Install the graphics card's Vulkan driver and the Vulkan loader (on Debian and Ubuntu mesa-vulkan-drivers and libvulkan1)"
      : "Install the graphics card's current driver",
  cuda: "Install NVIDIA's current driver, and CUDA and cuDNN in the versions that ONNX Runtime's libraries ask for",
  dml: "Install the graphics card's current driver",
  coreml: null,
};

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
