import { createRequire } from "node:module";
import path from "node:path";
import { listSupportedBackends } from "onnxruntime-node";
import { missingCuda } from "./cudaLibraries.js";
import { DEVICE_TITLES, type SessionDevice } from "./device.js";

/** Why a device cannot be there, and what to do. */
export interface MissingDevice {
  /** Goes on after a colon. */
  readonly reason: string;
  /** An instruction without a full stop; null where nothing helps but another device. */
  readonly nextStep: string | null;
}

/** What decides whether a device can be there at all. */
export interface DeviceMachine {
  readonly platform: string;
  readonly arch: string;
  /** Devices that ONNX Runtime was built with. */
  readonly backends: readonly string[];
  /** Folder of ONNX Runtime's own libraries. */
  readonly ortFolder: string;
}

/** This machine. */
export function thisMachine(): DeviceMachine {
  const { platform, arch } = process;
  const backends = listSupportedBackends().map(({ name }) => name);
  return { platform, arch, backends, ortFolder: ortFolder() };
}

/** The folder with ONNX Runtime's libraries for this machine. */
export function ortFolder(): string {
  const found = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  return path.join(path.dirname(found), "bin", "napi-v6", process.platform, process.arch);
}

/** What rules a device out without trying it: system, processor, build and libraries; null when nothing does. */
export function missingDevice(
  device: SessionDevice,
  machine: DeviceMachine = thisMachine(),
): MissingDevice | null {
  const { platform, arch, backends } = machine;
  const here = `${platform} ${arch}`;
  if (device === "cpu") return null;
  const home = HOME[device];
  if (!home.platforms.some((name) => here.startsWith(name))) {
    return { reason: `${home.words}, and this is ${here}`, nextStep: null };
  }
  if (!backends.includes(device)) {
    return { reason: `this build of ONNX Runtime (${here}) has no ${DEVICE_TITLES[device]}`, nextStep: null };
  }
  return device === "cuda" ? missingCuda(machine.ortFolder) : null;
}

/** Where ONNX Runtime's package for Node has a device. */
const HOME: Readonly<
  Record<Exclude<SessionDevice, "cpu">, { readonly platforms: readonly string[]; readonly words: string }>
> = {
  webgpu: {
    platforms: ["linux", "win32", "darwin"],
    words: "ONNX Runtime has WebGPU on Linux, Windows and macOS only",
  },
  cuda: { platforms: ["linux x64"], words: "ONNX Runtime's package for Node has CUDA for Linux on x64 only" },
  dml: { platforms: ["win32"], words: "DirectML is a part of Windows" },
  coreml: { platforms: ["darwin"], words: "Core ML is a part of macOS" },
};
