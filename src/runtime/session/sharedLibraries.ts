import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import path from "node:path";

/** Where a shared library lies; null: nowhere that was looked. */
export interface FoundLibrary {
  readonly name: string;
  readonly path: string | null;
  /** Whether the system's loader looks there. */
  readonly loadable: boolean;
}

/** Folders where makers' installers put libraries that the loader is not told of. */
const USUAL = [
  "/usr/local/cuda/lib64",
  "/usr/local/cuda-12/lib64",
  "/usr/local/cuda-13/lib64",
  "/opt/cuda/lib64",
];
const SYSTEM = [
  "/lib/x86_64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/lib64",
  "/usr/lib64",
  "/usr/lib",
  "/usr/lib/wsl/lib",
];

/** Looks for libraries as the loader of Linux does, and in the usual folders beside. */
export function findLibraries(
  names: readonly string[],
  folder: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): FoundLibrary[] {
  const searched = [folder, ...(env["LD_LIBRARY_PATH"] ?? "").split(":").filter(Boolean), ...SYSTEM];
  const known = loaderCache();
  const inside = (folders: readonly string[], name: string) =>
    folders.map((dir) => path.join(dir, name)).find((file) => existsSync(file)) ?? null;
  return names.map((name) => {
    const file = inside(searched, name) ?? known.get(name) ?? null;
    if (file !== null) return { name, path: file, loadable: true };
    return { name, path: inside(USUAL, name), loadable: false };
  });
}

/** Libraries in the loader's cache, by name. */
function loaderCache(): ReadonlyMap<string, string> {
  try {
    const text = execFileSync("/sbin/ldconfig", ["-p"], { encoding: "utf8", stdio: "pipe", timeout: 5000 });
    const lines = [...text.matchAll(/^\s+(\S+) \(.*\) => (.+)$/gm)];
    return new Map(lines.map(([, name, file]) => [name ?? "", file ?? ""]));
  } catch {
    // Systems without glibc have no such cache: the folders decide.
    return new Map();
  }
}

const DYNAMIC = 6;
const NEEDED = 1n;

/** The libraries that an ELF file (64 bit, little endian) says it needs, in its order; none for other files. */
export function neededLibraries(file: string): string[] {
  const handle = openSync(file, "r");
  try {
    const read = (at: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(handle, bytes, 0, length, at));
    };
    const header = read(0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46) return [];
    const [table, size, count] = [
      Number(header.readBigUInt64LE(40)),
      header.readUInt16LE(58),
      header.readUInt16LE(60),
    ];
    const section = (index: number) => {
      const bytes = read(table + index * size, size);
      return {
        type: bytes.readUInt32LE(4),
        at: Number(bytes.readBigUInt64LE(24)),
        length: Number(bytes.readBigUInt64LE(32)),
        link: bytes.readUInt32LE(40),
      };
    };
    const dynamic = Array.from({ length: count }, (_, i) => section(i)).find(({ type }) => type === DYNAMIC);
    if (dynamic === undefined) return [];
    const strings = section(dynamic.link);
    const names = read(strings.at, strings.length);
    const entries = read(dynamic.at, dynamic.length);
    return Array.from({ length: Math.floor(entries.length / 16) }, (_, i) => i * 16)
      .filter((at) => entries.readBigInt64LE(at) === NEEDED)
      .map((at) => Number(entries.readBigUInt64LE(at + 8)))
      .map((start) => names.toString("latin1", start, names.indexOf(0, start)));
  } finally {
    closeSync(handle);
  }
}
