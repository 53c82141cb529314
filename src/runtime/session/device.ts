import type { Device } from "../../protocol/modelProcess.js";

/** A device that sessions run on. */
export type SessionDevice = Exclude<Device, "auto">;

/** A device that was looked at and may be used. */
export interface ReadyDevice {
  readonly name: SessionDevice;
  /** Positions that one forward pass may take in; null: any number. */
  readonly piece: number | null;
  /** Largest difference from the CPU in the self-check, relative to the largest value; null on the CPU itself. */
  readonly difference: number | null;
  /** Threads inside an operator on the CPU; absent: ONNX Runtime's choice, one per core. */
  readonly threads?: number;
}

/** The device that is always there. */
export const CPU: ReadyDevice = { name: "cpu", piece: null, difference: null };

/** A device as the options of a session. */
export function onDevice({ name, threads }: ReadyDevice) {
  return { device: name, ...(threads !== undefined && { threads }) };
}

/** Devices as their makers call them. */
export const DEVICE_TITLES: Readonly<Record<SessionDevice, string>> = {
  cpu: "the CPU",
  webgpu: "WebGPU",
  cuda: "CUDA",
  dml: "DirectML",
  coreml: "Core ML",
};

/** Devices whose tensors ONNX Runtime's package for Node can leave where they are, and take from there. */
export function keepsTensors(device: SessionDevice): boolean {
  return device === "webgpu";
}

/** Which form of an operator a graph is written in: Core ML leaves what is not plain ONNX to the CPU. */
export function operatorsFor(device: SessionDevice): "cpu" | "webgpu" {
  return device === "cpu" || device === "coreml" ? "cpu" : "webgpu";
}
