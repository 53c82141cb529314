import { existsSync } from "node:fs";

/** Vulkan drivers that compute on the processor, as Chromium's packages bring them. */
const DRIVERS = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
];

/**
 * The environment in which ONNX Runtime finds a graphics card: the driver named in `VK_DRIVER_FILES`, or Chromium's
 * SwiftShader. Null where there is neither; with `CI` set that is an error, so that nothing is skipped there.
 */
export function vulkanEnvironment(): NodeJS.ProcessEnv | null {
  const driver = process.env["VK_DRIVER_FILES"] ?? DRIVERS.find((file) => existsSync(file));
  if (driver !== undefined) return { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver };
  if (!process.env["CI"]) return null;
  throw new Error(
    `No Vulkan driver for the WebGPU tests: none of ${DRIVERS.join(", ")} is there. On Debian: apt-get install chromium libvulkan1; or name a driver's .json in VK_DRIVER_FILES.`,
  );
}
