import type { UnknownField } from "./types.js";

/** The fields of an object that are not known, each with the known one before it. */
export function unknownFields(source: object, known: (key: string) => boolean): UnknownField[] {
  const found: UnknownField[] = [];
  let after: string | null = null;
  for (const [key, value] of Object.entries(source)) {
    if (known(key)) after = key;
    else found.push({ after, key, value });
  }
  return found;
}

/**
 * Puts unknown fields back between the known ones that are written now. One whose neighbour is gone comes after the
 * last field before that which is still there.
 * @param order all known fields in their order, written or not
 * @param print an unknown value as JSON text
 */
export function withUnknown(
  written: readonly (readonly [key: string, json: string])[],
  order: readonly string[],
  unknown: readonly UnknownField[],
  print: (value: unknown) => string,
): (readonly [key: string, json: string])[] {
  const places = new Map(written.map(([key], index) => [key, index]));
  const placeOf = (after: string | null): number => {
    for (let at = after === null ? -1 : order.indexOf(after); at >= 0; at -= 1) {
      const place = places.get(order[at] ?? "");
      if (place !== undefined) return place;
    }
    return -1;
  };
  // What has become known meanwhile is written once: as it is now.
  const kept = unknown.filter(({ key }) => !places.has(key));
  const placed = kept.map((field) => ({ ...field, place: placeOf(field.after) }));
  const following = (place: number): (readonly [string, string])[] =>
    placed.filter((field) => field.place === place).map(({ key, value }) => [key, print(value)]);
  return [...following(-1), ...written.flatMap((field, index) => [field, ...following(index)])];
}
