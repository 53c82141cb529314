import { homedir } from "node:os";
import path from "node:path";
import type { Environment } from "./environment.js";

/** Where downloaded models are kept: `$DEXAR_MODELS`, else `dexar/models` in the user's folder for data of programs. */
export function modelStoreFolder(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  home = homedir(),
): string {
  if (env["DEXAR_MODELS"]) return path.resolve(env["DEXAR_MODELS"]);
  return path.join(dataFolder(env, platform, home), "dexar", "models");
}

function dataFolder(env: Environment, platform: NodeJS.Platform, home: string): string {
  switch (platform) {
    case "win32":
      return env["LOCALAPPDATA"] ?? path.join(home, "AppData", "Local");
    case "darwin":
      return path.join(home, "Library", "Application Support");
    default:
      return env["XDG_DATA_HOME"] || path.join(home, ".local", "share");
  }
}

/** Where other programs keep models of the Hugging Face hub, on every system: as the Python library finds it. */
export function hubCacheFolder(env: Environment, home = homedir()): string {
  const named = env["HF_HUB_CACHE"] || env["HUGGINGFACE_HUB_CACHE"];
  return named ? path.resolve(withHome(named, home)) : path.join(hubHome(env, home), "hub");
}

/** The Hugging Face tools' own folder, where their token lies too. */
export function hubHome(env: Environment, home = homedir()): string {
  if (env["HF_HOME"]) return path.resolve(withHome(env["HF_HOME"], home));
  return path.join(env["XDG_CACHE_HOME"] || path.join(home, ".cache"), "huggingface");
}

/** A path with the home folder in place of a leading `~`. */
export function withHome(file: string, home = homedir()): string {
  return /^~(?=$|[/\\])/.test(file) ? path.join(home, file.slice(1)) : file;
}
