import { existsSync } from "node:fs";
import path from "node:path";

/**
 * The package's own folder: the first one above `start` that holds package.json.
 * Works from the bundle in dist/ as well as from the sources.
 */
export function packageRoot(start: string): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "package.json"))) return folder;
    if (folder === path.dirname(folder)) throw new Error(`No package.json above ${start}`);
  }
}
