import { listSupportedBackends } from "onnxruntime-node";
import { DexarError } from "../../core/errors.js";
import type { DeviceFact, DeviceVerdict, Diagnosis } from "../../protocol/doctor.js";
import { graphicsCards } from "./checkRecord.js";
import { DEVICE_TITLES, type SessionDevice } from "./device.js";
import { missingDevice, ortFolder } from "./deviceSupport.js";
import { cpuMilliseconds, openDevice } from "./openDevice.js";
import { ORT_VERSION } from "./ortVersion.js";

const DEVICES = Object.keys(DEVICE_TITLES) as SessionDevice[];

/** What is known of ONNX Runtime and its devices without trying them. */
export function deviceFacts(): Pick<Diagnosis, "onnxRuntime" | "cards"> & { readonly devices: DeviceFact[] } {
  const backends = listSupportedBackends().map(({ name }) => name);
  const devices = DEVICES.map((name) => ({ name, title: DEVICE_TITLES[name], missing: missingDevice(name) }));
  const cards = graphicsCards().filter((fact) => fact !== "");
  return { onnxRuntime: { version: ORT_VERSION, folder: ortFolder(), backends }, cards, devices };
}

/** Tries a device out as a model would; a check that was passed before is not made again. */
export async function judgeDevice(name: SessionDevice): Promise<DeviceVerdict> {
  try {
    if (name === "cpu") {
      return { usable: true, difference: null, piece: null, milliseconds: await cpuMilliseconds() };
    }
    const { difference, piece, milliseconds } = await openDevice(name);
    return { usable: true, difference, piece, milliseconds };
  } catch (error) {
    if (!(error instanceof DexarError)) throw error;
    return { usable: false, reason: error.message, nextStep: error.nextStep };
  }
}
