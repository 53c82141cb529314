import { DexarError } from "../../core/errors.js";
import type { DeviceWish, SessionKind } from "../../protocol/modelProcess.js";
import { CPU, DEVICE_TITLES, type ReadyDevice, type SessionDevice } from "./device.js";
import { missingDevice } from "./deviceSupport.js";
import { cpuMilliseconds, openDevice, type CheckedDevice } from "./openDevice.js";

/** Where the sessions of a model run. */
export interface Placement extends Readonly<Record<SessionKind, ReadyDevice>> {
  /** Kinds that go to the CPU where they do not fit on their device: `auto` chose it. */
  readonly movable: readonly SessionKind[];
  /** What was decided against what the user may have expected, in sentences. */
  readonly notices: readonly string[];
}

/** Everything on the CPU. */
export const ON_CPU: Placement = placementOn(CPU);

/** Vision encoder and decoder on a device, the embedding on the CPU. */
export function placementOn(device: ReadyDevice): Placement {
  return { vision: device, embedding: CPU, decoder: device, movable: [], notices: [] };
}

/** The same with other sessions moved to the CPU, and why. */
export function movedToCpu(placement: Placement, kinds: readonly SessionKind[], notice: string): Placement {
  const { threads } = placement.decoder;
  const cpu: ReadyDevice = { ...CPU, ...(threads !== undefined && { threads }) };
  const moved = Object.fromEntries(kinds.map((kind) => [kind, cpu]));
  const movable = placement.movable.filter((kind) => !kinds.includes(kind));
  return { ...placement, ...moved, movable, notices: [...placement.notices, notice] };
}

/**
 * Makes the devices ready that a user wants. The embedding only looks rows up, which are wanted on the CPU to put the
 * picture's features between them: it stays there unless it is named.
 * @throws DexarError those of `openDevice` for a device that was asked for by name
 */
export async function placeSessions({ device, devices = {}, threads }: DeviceWish): Promise<Placement> {
  const wishes = {
    vision: devices.vision ?? device,
    embedding: devices.embedding ?? "cpu",
    decoder: devices.decoder ?? device,
  };
  const notices: string[] = [];
  const ready = new Map<string, ReadyDevice>();
  // One after the other: two checks at a time would time each other.
  for (const wish of new Set(Object.values(wishes))) {
    const found = wish === "auto" ? await fastestDevice() : { device: await openDevice(wish), notices: [] };
    ready.set(wish, { ...plain(found.device), ...(threads !== undefined && { threads }) });
    notices.push(...found.notices);
  }
  const on = (kind: SessionKind): ReadyDevice => ready.get(wishes[kind]) ?? CPU;
  const movable = KINDS.filter((kind) => wishes[kind] === "auto" && on(kind).name !== "cpu");
  return { vision: on("vision"), embedding: on("embedding"), decoder: on("decoder"), movable, notices };
}

const KINDS: readonly SessionKind[] = ["vision", "embedding", "decoder"];
/** Devices that `auto` looks at. */
const CANDIDATES: readonly SessionDevice[] = ["cuda", "dml", "webgpu", "coreml"];

/** The fastest device that agrees with the CPU, the CPU included; and why it is not another. */
async function fastestDevice(): Promise<{ readonly device: CheckedDevice; readonly notices: string[] }> {
  const passed: CheckedDevice[] = [];
  const failed: { readonly name: SessionDevice; readonly why: string }[] = [];
  for (const name of CANDIDATES.filter(
    (candidate) => candidate === "webgpu" || missingDevice(candidate) === null,
  )) {
    try {
      passed.push(await openDevice(name, false));
    } catch (error) {
      if (!(error instanceof DexarError)) throw error;
      failed.push({ name, why: `: ${error.message}` });
    }
  }
  const milliseconds = passed.length > 0 ? await cpuMilliseconds() : 0;
  return fastestOf(passed, failed, { ...CPU, milliseconds });
}

/** Chooses by time; those that did not pass, and faster devices' losers to the CPU, are told of. */
export function fastestOf(
  passed: readonly CheckedDevice[],
  failed: readonly { readonly name: SessionDevice; readonly why: string }[],
  cpu: CheckedDevice,
): { readonly device: CheckedDevice; readonly notices: string[] } {
  const time = ({ milliseconds }: CheckedDevice): number => milliseconds ?? Infinity;
  const device = [...passed, cpu].reduce((best, other) => (time(other) < time(best) ? other : best));
  const slower =
    device.name === "cpu" ? passed.map((other) => ({ name: other.name, why: comparison(other, cpu) })) : [];
  const where = device.name === "cpu" ? "on the CPU" : `with ${DEVICE_TITLES[device.name]}`;
  const notices = [...failed, ...slower].map(
    ({ name, why }) => `${DEVICE_TITLES[name]} is not used, the model runs ${where}${why}`,
  );
  return { device, notices };
}

function comparison(device: CheckedDevice, cpu: CheckedDevice): string {
  const words = ({ milliseconds }: CheckedDevice): string => `${Math.ceil(milliseconds ?? NaN)} ms`;
  return `, which is faster here: ${words(cpu)} against ${words(device)} for the same piece of work.`;
}

function plain({ milliseconds: _, ...device }: CheckedDevice): ReadyDevice {
  return device;
}
