import { damagedRunFile } from "./runFileErrors.js";

/** Reads one field: its checked value, or an error that names the path. */
export type Field<T> = (value: unknown, path: string) => T;

/** The named fields of an object; others are left behind. */
export function record<T>(fields: { readonly [K in keyof T]: Field<T[K]> }): Field<T> {
  return (value, path) => {
    const source = asObject(value, path);
    const read = Object.entries<Field<unknown>>(fields).map(([key, field]) => [
      key,
      field(Object.hasOwn(source, key) ? source[key] : undefined, path === "" ? key : `${path}.${key}`),
    ]);
    return Object.fromEntries(read) as T;
  };
}

/** Those of the named fields that an object has. */
export function optional<T>(fields: { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> }): Field<T> {
  return (value, path) => {
    const source = asObject(value, path);
    const given = Object.fromEntries(Object.entries(fields).filter(([key]) => Object.hasOwn(source, key)));
    return record(given as Record<string, Field<unknown>>)(value, path) as T;
  };
}

/** An object of any keys whose values are of one kind. */
export function dictionary<T>(field: Field<T>): Field<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(asObject(value, path)).map(([key, entry]) => [key, field(entry, `${path}.${key}`)]),
    );
}

export function list<T>(field: Field<T>): Field<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrong(path, "a list");
    return value.map((entry: unknown, index) => field(entry, `${path}[${index}]`));
  };
}

export const text: Field<string> = (value, path) => {
  if (typeof value !== "string") throw wrong(path, "a text");
  return value;
};

export const flag: Field<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw wrong(path, "true or false");
  return value;
};

export const number: Field<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(path, "a number");
  return value;
};

/** A whole number from `least` on. */
export function whole(least: number): Field<number> {
  return (value, path) => {
    const checked = number(value, path);
    if (!Number.isSafeInteger(checked) || checked < least) throw wrong(path, `a whole number from ${least}`);
    return checked;
  };
}

export function oneOf<const T extends string | number>(...choices: readonly T[]): Field<T> {
  return (value, path) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw wrong(path, `one of ${choices.join(", ")}`);
    return found;
  };
}

export function orNull<T>(field: Field<T>): Field<T | null> {
  return (value, path) => (value === null ? null : field(value, path));
}

/** A list of exactly `length` numbers. */
export function numbers(length: number): Field<readonly number[]> {
  return (value, path) => {
    const checked = list(number)(value, path);
    if (checked.length !== length) throw wrong(path, `a list of ${length} numbers`);
    return checked;
  };
}

/** An error that names a field and what it should be. */
export function wrong(path: string, expected: string): Error {
  return damagedRunFile(`in its run.json, ${path === "" ? "the whole" : path} should be ${expected}`);
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, "an object");
  return value as Record<string, unknown>;
}
