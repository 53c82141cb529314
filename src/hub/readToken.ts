import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Environment } from "./environment.js";
import { hubHome, withHome } from "./places.js";

/** The user's token for the hub: `$HF_TOKEN`, else the file that the Hugging Face tools keep it in; null where there is none. */
export async function readToken(env: Environment, home?: string): Promise<string | null> {
  const named = env["HF_TOKEN"]?.trim() || env["HUGGING_FACE_HUB_TOKEN"]?.trim();
  if (named) return named;
  const file = env["HF_TOKEN_PATH"]
    ? withHome(env["HF_TOKEN_PATH"], home)
    : path.join(hubHome(env, home), "token");
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trim() || null;
}
