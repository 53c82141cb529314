import { mkdir, open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { DexarError } from "../core/errors.js";

const BEAT_MS = 5_000;
/** A lock whose owner was not heard for this long is nobody's. */
const STALE_MS = 30_000;

/**
 * Runs `work` while nobody else has the lock: no second window and no command line may write to the same files.
 * @throws DexarError `download-under-way` when somebody has
 */
export async function withLock<T>(file: string, what: string, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  if (!(await take(file)) && !((await isStale(file)) && (await retake(file)))) throw underWay(what);
  const beat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => null), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx");
    await handle.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    await handle.close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function retake(file: string): Promise<boolean> {
  await rm(file, { force: true });
  return take(file);
}

async function isStale(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => null);
  if (stats === null || Date.now() - stats.mtimeMs > STALE_MS) return true;
  return ownerIsGone(await readFile(file, "utf8").catch(() => ""));
}

function ownerIsGone(text: string): boolean {
  try {
    const { pid, host } = JSON.parse(text) as { pid: number; host: string };
    if (host !== hostname()) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

function underWay(what: string): DexarError {
  return new DexarError(
    "download-under-way",
    `${what} is being downloaded by another window or command already.`,
    "Wait for it, or pause it there first.",
  );
}
