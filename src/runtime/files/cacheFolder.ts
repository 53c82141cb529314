import { homedir } from "node:os";
import path from "node:path";

/** Where built models are kept: `$DEXAR_CACHE`, or `dexar` in the user's folder for caches. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env["DEXAR_CACHE"]) return path.resolve(env["DEXAR_CACHE"]);
  const caches = env["XDG_CACHE_HOME"] ?? env["LOCALAPPDATA"] ?? path.join(homedir(), ".cache");
  return path.join(caches, "dexar");
}
