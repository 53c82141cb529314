import { existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** Memory of a process in bytes. */
export interface ProcessMemory {
  /** Largest amount of private (anonymous) memory that was seen. */
  readonly privatePeak: number;
  /** Largest amount of mapped files in memory that was seen: weights read where they lie. */
  readonly mappedPeak: number;
  /** Largest resident size of all, as the system counted it. */
  readonly peak: number;
}

const EVERY_MS = 10;

/** Whether this system tells about another process's memory. */
export function tellsMemory(): boolean {
  return process.platform === "linux";
}

/** Watches the memory of process `pid` until `work` is done; Linux only. */
export async function watchMemory(pid: number, work: Promise<unknown>): Promise<ProcessMemory> {
  let memory = readMemory(pid);
  let working = true;
  const ended = work.finally(() => {
    memory = larger(memory, readMemory(pid));
    working = false;
  });
  // A failure is thrown by the await at the end.
  ended.catch(() => undefined);
  while (working) {
    await wait(EVERY_MS);
    memory = larger(memory, readMemory(pid));
  }
  await ended;
  return memory;
}

const NOTHING: ProcessMemory = { privatePeak: 0, mappedPeak: 0, peak: 0 };

function readMemory(pid: number): ProcessMemory {
  const file = `/proc/${pid}/status`;
  // A process that died: its request says why.
  if (!existsSync(file)) return NOTHING;
  const status = readFileSync(file, "utf8");
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
  return { privatePeak: bytes("RssAnon"), mappedPeak: bytes("RssFile"), peak: bytes("VmHWM") };
}

function larger(a: ProcessMemory, b: ProcessMemory): ProcessMemory {
  return {
    privatePeak: Math.max(a.privatePeak, b.privatePeak),
    mappedPeak: Math.max(a.mappedPeak, b.mappedPeak),
    peak: Math.max(a.peak, b.peak),
  };
}
