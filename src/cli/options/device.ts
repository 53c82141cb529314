import { InvalidArgumentError, Option } from "commander";
import { DEVICES, type Device, type DeviceWish, type SessionKind } from "../../protocol/modelProcess.js";
import { wholeNumber } from "./numbers.js";

const KINDS: readonly SessionKind[] = ["vision", "embedding", "decoder"];

/** The options that say where a model runs. */
export interface DeviceOptions {
  readonly device: Omit<DeviceWish, "threads">;
  readonly threads?: number;
}

/** `--device`: one for all, or some for single kinds of session. */
export function deviceOption(): Option {
  return new Option(
    "--device <name>",
    `where to run: ${DEVICES.join(", ")}; auto takes the fastest that agrees with the CPU; for single parts: decoder=webgpu,vision=cpu`,
  )
    .argParser(parseDevices)
    .default({ device: "cpu" } satisfies DeviceOptions["device"], "cpu");
}

/** `--threads` */
export function threadsOption(): Option {
  return new Option("--threads <n>", "threads of the CPU (default: one per core)").argParser(
    wholeNumber("--threads", 1, 1024),
  );
}

/** The options as the model process takes them. */
export function deviceWish({ device, threads }: DeviceOptions): DeviceWish {
  return { ...device, ...(threads !== undefined && { threads }) };
}

/** Reads `webgpu`, `decoder=webgpu,vision=cpu` or `webgpu,vision=cpu`; what is not named is on the CPU. */
function parseDevices(text: string): DeviceOptions["device"] {
  let device: Device | undefined;
  const devices: Partial<Record<SessionKind, Device>> = {};
  for (const part of text.split(",")) {
    const [left = "", right] = part.split("=").map((word) => word.trim());
    if (right === undefined && device === undefined) device = oneOf(DEVICES, left);
    else if (right === undefined) throw new InvalidArgumentError("Give one device for all parts.");
    else devices[oneOf(KINDS, left)] = oneOf(DEVICES, right);
  }
  const named = Object.keys(devices).length > 0;
  return { device: device ?? "cpu", ...(named && { devices }) };
}

function oneOf<T extends string>(allowed: readonly T[], word: string): T {
  const found = allowed.find((name) => name === word);
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`"${word}" is not one of ${allowed.join(", ")}.`);
}
