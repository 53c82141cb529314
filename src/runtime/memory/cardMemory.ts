import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { SessionDevice } from "../session/device.js";

/** Free memory of a graphics card in bytes; null where nobody says, or several cards may be meant. */
export type ReadCardMemory = (device: SessionDevice) => number | null;

/** Asks NVIDIA's own tool, and on Linux the driver of AMD's cards; other cards have no common place to ask. */
export const readCardMemory: ReadCardMemory = (device) => {
  if (device === "cpu" || device === "coreml") return null;
  const cards = device === "cuda" ? nvidiaCards() : [...nvidiaCards(), ...amdCards()];
  const [first, ...others] = cards;
  // Which of several a device takes is not told; CUDA numbers them in another order than nvidia-smi.
  return first !== undefined && others.length === 0 ? first : null;
};

function nvidiaCards(): number[] {
  try {
    const query = ["--query-gpu=memory.free", "--format=csv,noheader,nounits"];
    return readMebibytes(
      execFileSync("nvidia-smi", query, { encoding: "utf8", stdio: "pipe", timeout: 5000 }),
    );
  } catch {
    return [];
  }
}

/** The lines of `nvidia-smi`, in bytes. */
export function readMebibytes(text: string): number[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^\d+$/.test(line))
    .map((line) => Number(line) * 2 ** 20);
}

const CARDS = "/sys/class/drm";

function amdCards(): number[] {
  if (process.platform !== "linux") return [];
  const cards = names(CARDS).filter((name) => /^card\d+$/.test(name));
  return cards.flatMap((card) => {
    const read = (file: string): number => fileNumber(path.join(CARDS, card, "device", file));
    const free = read("mem_info_vram_total") - read("mem_info_vram_used");
    return Number.isFinite(free) ? [free] : [];
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function fileNumber(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return NaN;
  }
}
