import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelJson } from "../model/modelFiles.js";

/**
 * The chat template that lies beside the processor (chat_template.jinja, or chat_template.json of older folders): the
 * one Python's processor uses before the tokenizer's own. Null when there is none.
 */
export function readChatTemplate(modelDir: string): string | null {
  const path = join(modelDir, "chat_template.jinja");
  if (existsSync(path)) return readFileSync(path, "utf8");
  const template = readModelJson(modelDir, "chat_template.json", true)["chat_template"];
  return typeof template === "string" ? template : null;
}
