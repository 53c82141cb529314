import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { cacheFolder } from "../files/cacheFolder.js";
import { writeFileAtomically } from "../files/writeFileAtomically.js";
import { TOOL } from "../version.js";
import type { SessionDevice } from "./device.js";
import { ORT_VERSION } from "./ortVersion.js";
import type { SelfCheck } from "./selfCheck.js";

/** How a self-check went: a process that died in it leaves `running` behind. */
export type CheckRecord =
  | { readonly status: "running"; readonly pid: number }
  | { readonly status: "unfinished"; readonly reason: string }
  | ({ readonly status: "done" } & SelfCheck);

/** Raised when the check changes. */
const CHECK = 2;

/** The file in the user's cache folder for a device of this machine, under these versions. */
export function recordFile(device: SessionDevice): string {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const machine = [process.platform, process.arch, os.release(), ...graphicsCards()];
  const facts = [CHECK, device, ORT_VERSION, TOOL, machine, VK_DRIVER_FILES ?? "", VK_ICD_FILENAMES ?? ""];
  const key = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
  return path.join(cacheFolder(process.env), "device-checks", `${device}-${key}.json`);
}

/** What the file says; null where there is none that can be read. */
export async function readRecord(file: string): Promise<CheckRecord | null> {
  try {
    const record = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, unknown>>;
    if (record["status"] === "running" && typeof record["pid"] === "number")
      return { status: "running", pid: record["pid"] };
    if (record["status"] === "unfinished" && typeof record["reason"] === "string")
      return { status: "unfinished", reason: record["reason"] };
    // JSON has null for an infinite difference.
    const difference = record["difference"] === null ? Infinity : record["difference"];
    if (record["status"] === "done" && typeof difference === "number") {
      return { piece: null, milliseconds: null, ...record, status: "done", difference };
    }
    return null;
  } catch {
    return null;
  }
}

/** Keeps a record; without a folder to write to, the device is checked anew each time. */
export async function writeRecord(file: string, record: CheckRecord): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomically(file, JSON.stringify(record));
  } catch (error) {
    process.stderr.write(`The device's check cannot be kept: ${String(error)}\n`);
  }
}

const CARDS = "/sys/class/drm";

/** Graphics cards by maker and kind, with NVIDIA's driver; ONNX Runtime does not tell which one it took. */
export function graphicsCards(): string[] {
  if (process.platform !== "linux") return [];
  const cards = list(CARDS).filter((name) => /^card\d+$/.test(name));
  const files = cards.flatMap((card) => [`${CARDS}/${card}/device/vendor`, `${CARDS}/${card}/device/device`]);
  return [...files, "/sys/module/nvidia/version"].map(text);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
