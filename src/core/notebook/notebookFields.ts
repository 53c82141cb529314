import { fromLines } from "./lines.js";
import { damagedNotebook } from "./notebookErrors.js";
import type { JsonObject } from "./types.js";

/** An object. @throws DexarError `notebook-damaged` naming `place`, as all of these */
export function readObject(value: unknown, place: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw damagedNotebook(`${place} is not an object`);
  return value as JsonObject;
}

/** A list. */
export function readList(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw damagedNotebook(`${place} is not a list`);
  return value;
}

/** A text. */
export function readText(value: unknown, place: string): string {
  if (typeof value !== "string") throw damagedNotebook(`${place} is not a text`);
  return value;
}

/** A number that is not negative. */
export function readNumber(value: unknown, place: string): number {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
    throw damagedNotebook(`${place} is not a number from 0`);
  return value;
}

/** One of a few values. */
export function readChoice<T extends string | boolean>(
  value: unknown,
  choices: readonly T[],
  place: string,
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw damagedNotebook(`${place} is neither ${choices.join(" nor ")}`);
  return found;
}

/** A text in lines; one written by hand may be a plain text. */
export function readLines(value: unknown, place: string): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || !value.every((line) => typeof line === "string"))
    throw damagedNotebook(`${place} is not a list of lines`);
  return fromLines(value);
}

/** Bytes in base64, still as text. */
export function readBase64(value: unknown, place: string): string {
  const text = readText(value, place);
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw damagedNotebook(`${place} is not base64`);
  return text;
}
