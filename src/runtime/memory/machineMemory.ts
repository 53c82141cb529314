import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** What this process may still take, in bytes. */
export interface MachineMemory {
  /** Private memory that the system can still give: free, from caches, or by moving others to swap. */
  readonly available: number;
  /** Private memory that this process has already; 0 where the system does not tell. */
  readonly own: number;
}

export type ReadMachineMemory = () => MachineMemory;

/** Text of a file of the system; null where there is none. */
export type ReadText = (file: string) => string | null;

/**
 * Reads the memory of this machine, within the limits of control groups (containers) on Linux. Other systems move
 * what is idle out of the way when memory is wanted and do not say how much: there it is all the machine has.
 */
export function readMachineMemory(): MachineMemory {
  if (process.platform !== "linux") return { available: os.totalmem(), own: 0 };
  return linuxMemory(readSystemFile) ?? { available: os.totalmem(), own: 0 };
}

/** The same from the files of Linux; null when they do not tell. */
export function linuxMemory(read: ReadText): MachineMemory | null {
  const free = kilobytes(read("/proc/meminfo"), "MemAvailable");
  if (free === null) return null;
  const swap = kilobytes(read("/proc/meminfo"), "SwapFree") ?? 0;
  const groups = groupFolders(read("/proc/self/cgroup") ?? "").flatMap(
    (folder) => groupRoom(read, folder) ?? [],
  );
  return {
    available: Math.min(free, ...groups) + swap,
    own: kilobytes(read("/proc/self/status"), "RssAnon") ?? 0,
  };
}

function kilobytes(text: string | null, field: string): number | null {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text ?? "")?.[1];
  return found === undefined ? null : Number(found) * 1024;
}

const ROOTS = { v2: "/sys/fs/cgroup", v1: "/sys/fs/cgroup/memory" };

/**
 * The folders that hold the process's groups and those above them, each with its own limit. Inside a container the
 * path is often that of the host, and the container's own group is the root.
 */
function groupFolders(text: string): string[] {
  const folders = text.split("\n").flatMap((line) => {
    const [, controllers, place] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (place === undefined) return [];
    if (controllers === "") return ancestors(ROOTS.v2, place);
    return controllers?.split(",").includes("memory") === true ? ancestors(ROOTS.v1, place) : [];
  });
  return [...new Set(folders)];
}

function ancestors(root: string, place: string): string[] {
  const parts = place.split("/").filter((part) => part !== "" && part !== "..");
  return Array.from({ length: parts.length + 1 }, (_, count) =>
    path.posix.join(root, ...parts.slice(0, count)),
  );
}

/** Bytes that a group may still take, its file cache given up; null without a limit. */
function groupRoom(read: ReadText, folder: string): number | null {
  const number = (name: string) => {
    const text = read(`${folder}/${name}`)?.trim() ?? "";
    return /^\d+$/.test(text) ? Number(text) : null;
  };
  const limit = number("memory.max") ?? number("memory.limit_in_bytes");
  const used = number("memory.current") ?? number("memory.usage_in_bytes");
  if (limit === null || used === null) return null;
  const stat = read(`${folder}/memory.stat`) ?? "";
  const field = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);
  // In version 1 the plain fields leave out the groups below, and those with `total_` do not.
  const cache = ["active_file", "inactive_file"].reduce(
    (sum, name) => sum + Math.max(field(name), field(`total_${name}`)),
    0,
  );
  return Math.max(0, limit - used + cache);
}

function readSystemFile(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Absent on this system, or not for us: another source decides.
    return null;
  }
}
