import fc from "fast-check";
import { CELL_FIELDS, EXECUTION_FIELDS, NOTEBOOK_FIELDS } from "../../src/core/notebook/fieldOrder.js";
import { encodingOf } from "../../src/core/notebook/outputKey.js";
import type {
  CellExecution,
  JsonObject,
  Notebook,
  NotebookCell,
  NotebookOutput,
  NotebookOutputItem,
  UnknownField,
} from "../../src/core/notebook/types.js";

/** Any text: every Unicode character, line ends of all kinds, halves of surrogate pairs. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom(
      "\n",
      "\r\n",
      "\r",
      "\u2028",
      "\ud83d",
      "\udc08",
      "\ufeff",
      '"',
      "\\",
      "é",
      "שלום",
      "🐈",
      " ",
    ),
    maxLength: 12,
  }),
);
const wellFormed = (content: string): string => Buffer.from(content).toString();
/** What JSON can say, without the number -0, which it cannot tell from 0. */
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
// Keys that look like numbers come first in every JavaScript object: their order is not ours to keep.
const key = fc.string({ unit: "grapheme", maxLength: 6 }).filter((name) => !/^\d+$|\//.test(name));
const metadata: fc.Arbitrary<JsonObject> = fc.dictionary(key, json, { maxKeys: 3, noNullPrototype: true });
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });

/** Unknown fields behind any of the fields that are written, listed as they stand in the file. */
function unknownBehind(written: readonly string[], known: readonly string[]): fc.Arbitrary<UnknownField[]> {
  const names = fc.uniqueArray(
    key.filter((name) => !known.includes(name)),
    { maxLength: 3 },
  );
  return names
    .chain((keys) =>
      fc.tuple(
        ...keys.map((name) =>
          fc.record({ after: fc.constantFrom(null, ...written), key: fc.constant(name), value: json }),
        ),
      ),
    )
    .map((fields) =>
      [...fields].sort((a, b) => written.indexOf(a.after ?? "") - written.indexOf(b.after ?? "")),
    );
}

function withUnknown<T extends object>(
  fields: T,
  written: readonly string[],
  known: readonly string[],
): fc.Arbitrary<T & { unknown: UnknownField[] }> {
  return unknownBehind(written, known).map((unknown) => ({ ...fields, unknown }));
}

const mime = fc.constantFrom(
  "application/vnd.dexar.run+json",
  "application/json",
  "application/vnd.code.notebook.error",
  "text/plain",
  "text/html; charset=utf-8",
  "image/svg+xml",
  "image/png",
  "application/x-strange;base64",
);

const item: fc.Arbitrary<NotebookOutputItem> = mime.chain((type): fc.Arbitrary<NotebookOutputItem> => {
  // The first byte is in no UTF-8 text: what is text or JSON is never in base64.
  const base64 = fc
    .uint8Array({ maxLength: 20 })
    .map((bytes) => Buffer.from([0xff, ...bytes]).toString("base64"));
  const broken = base64.map((content) => ({ mime: type, encoding: "base64", text: content }) as const);
  switch (encodingOf(type)) {
    case "json":
      return fc.oneof(
        json.map((value) => ({ mime: type, encoding: "json", value }) as const),
        broken,
      );
    case "text":
      return fc.oneof(
        // Outputs are bytes: they have no halves of surrogate pairs.
        text.map((content) => ({ mime: type, encoding: "text", text: wellFormed(content) }) as const),
        broken,
      );
    case "base64":
      return broken;
  }
});

const output: fc.Arbitrary<NotebookOutput> = fc
  .record({ metadata, items: fc.uniqueArray(item, { selector: (one) => one.mime, maxLength: 3 }) })
  .chain((fields) => {
    const keys = fields.items.map((one) =>
      one.encoding === encodingOf(one.mime) && !one.mime.endsWith(";base64")
        ? one.mime
        : `${one.mime};base64`,
    );
    const written = [...(Object.keys(fields.metadata).length > 0 ? ["metadata"] : []), ...keys];
    return withUnknown(fields, written, ["metadata"]);
  });

const execution: fc.Arbitrary<CellExecution> = fc
  .record({
    order: orNull(fc.nat()),
    timing: orNull(
      fc.record({
        start: fc.integer({ min: 0, max: 4e12 }),
        duration: fc.nat(),
      }),
    ),
    success: orNull(fc.boolean()),
  })
  .map(({ order, timing, success }) => ({
    order,
    ...(timing ?? { start: null, duration: null }),
    success,
  }))
  .chain((fields) => {
    const written = EXECUTION_FIELDS.filter((name) => fields[name as keyof typeof fields] !== null);
    return withUnknown(fields, written, EXECUTION_FIELDS);
  });

/** Any cell. */
export const arbitraryCell: fc.Arbitrary<NotebookCell> = fc
  .record({
    id: orNull(fc.uuid()),
    kind: fc.constantFrom("prompt", "markdown"),
    source: text,
    metadata,
    execution: orNull(execution),
    outputs: fc.array(output, { maxLength: 2 }),
  })
  .chain((fields) => {
    const { id, execution: run, outputs } = fields;
    const absent = [
      ...(id === null ? ["id"] : []),
      ...(Object.keys(fields.metadata).length === 0 ? ["metadata"] : []),
      ...(run === null ? ["execution"] : []),
      ...(outputs.length === 0 ? ["outputs"] : []),
    ];
    return withUnknown(
      fields,
      CELL_FIELDS.filter((name) => !absent.includes(name)),
      CELL_FIELDS,
    );
  });

/** Any notebook, with unknown fields at every level. */
export const arbitraryNotebook: fc.Arbitrary<Notebook> = fc
  .record({ metadata, cells: fc.array(arbitraryCell, { maxLength: 4 }) })
  .chain((fields) => {
    const hasMetadata = Object.keys(fields.metadata).length > 0;
    const written = NOTEBOOK_FIELDS.filter((name) => name !== "metadata" || hasMetadata);
    return withUnknown(fields, written, NOTEBOOK_FIELDS);
  });
