import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";

/** Files of one run in the store's folder. */
export interface StoredFiles {
  readonly runPath: string;
  readonly picturePath: string;
  readonly digestPath: string;
  /** Written last: a run without it was never finished. */
  readonly recordPath: string;
}

const ENDINGS = {
  runPath: ".dexar",
  picturePath: ".png",
  digestPath: ".digest",
  recordPath: ".json",
} as const;
/** Another window may be writing a run that has no record yet: only what is older is left over. */
const LEFT_OVER_AFTER_MS = 24 * 3600 * 1000;

/** The folder in the extension's storage that holds runs, four files each. */
export class RunFolder {
  constructor(readonly folder: string) {}

  filesOf(id: string): StoredFiles {
    const file = (ending: string): string => path.join(this.folder, `${id}${ending}`);
    return {
      runPath: file(ENDINGS.runPath),
      picturePath: file(ENDINGS.picturePath),
      digestPath: file(ENDINGS.digestPath),
      recordPath: file(ENDINGS.recordPath),
    };
  }

  async create(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }

  /** Ids of all runs with a record; empty when there is no folder yet. */
  async ids(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .filter((name) => name.endsWith(ENDINGS.recordPath) && !name.startsWith("."))
      .map((name) => name.slice(0, -ENDINGS.recordPath.length));
  }

  async remove(id: string): Promise<void> {
    const { recordPath, runPath, picturePath, digestPath } = this.filesOf(id);
    // The record first: what is left when this is interrupted is no run any more.
    for (const file of [recordPath, runPath, picturePath, digestPath]) await rm(file, { force: true });
  }

  /** Deletes files of runs that were never finished (a crash, a closed window). */
  async removeLeftOvers(): Promise<void> {
    const known = new Set(await this.ids());
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names) {
      const file = path.join(this.folder, name);
      if (known.has(path.parse(name).name)) continue;
      const stats = await stat(file).catch(() => null);
      if (stats && Date.now() - stats.mtimeMs > LEFT_OVER_AFTER_MS) await rm(file, { force: true });
    }
  }
}
