import { toLines } from "./lines.js";
import { outputKey } from "./outputKey.js";
import type { CellExecution, Notebook, NotebookCell, NotebookOutput, NotebookOutputItem } from "./types.js";
import { CELL_FIELDS, EXECUTION_FIELDS, NOTEBOOK_FIELDS } from "./fieldOrder.js";
import { withUnknown } from "./unknownFields.js";

type Fields = readonly (readonly [key: string, json: string])[];

/**
 * A notebook as the text of its file: one line for each line of a cell, and one line for each JSON or base64
 * representation of an output, so that a comparison shows what changed and no more. The same notebook gives the same
 * text; what is empty is left out.
 */
export function formatNotebook(notebook: Notebook): string {
  const fields: Fields = [
    ["format", `"dexar-notebook"`],
    ["version", "1"],
    ...metadataField(notebook.metadata, 1),
    [
      "cells",
      list(
        notebook.cells.map((cell) => formatCell(cell, 2)),
        1,
      ),
    ],
  ];
  return `${object(withUnknown(fields, NOTEBOOK_FIELDS, notebook.unknown, pretty(1)), 0)}\n`;
}

function formatCell(cell: NotebookCell, depth: number): string {
  const { id, kind, source, execution, outputs } = cell;
  const inner = depth + 1;
  const fields: Fields = [
    ...(id === null ? [] : [["id", JSON.stringify(id)] as const]),
    ["kind", JSON.stringify(kind)],
    ["source", formatLines(source, inner)],
    ...metadataField(cell.metadata, inner),
    ...(execution === null ? [] : [["execution", formatExecution(execution, inner)] as const]),
    ...(outputs.length === 0
      ? []
      : [
          [
            "outputs",
            list(
              outputs.map((output) => formatOutput(output, inner + 1)),
              inner,
            ),
          ] as const,
        ]),
  ];
  return object(withUnknown(fields, CELL_FIELDS, cell.unknown, pretty(inner)), depth);
}

function formatExecution(execution: CellExecution, depth: number): string {
  const { order, start, duration, success, unknown } = execution;
  const values = { order, start: start === null ? null : new Date(start).toISOString(), duration, success };
  const fields = Object.entries(values).flatMap(([key, value]) =>
    value === null ? [] : [[key, JSON.stringify(value)] as const],
  );
  return object(withUnknown(fields, EXECUTION_FIELDS, unknown, pretty(depth + 1)), depth);
}

function formatOutput(output: NotebookOutput, depth: number): string {
  const inner = depth + 1;
  const items: Fields = output.items.map((item) => [outputKey(item), formatContent(item, inner)]);
  const fields = [...metadataField(output.metadata, inner), ...items];
  const order = ["metadata", ...items.map(([key]) => key)];
  return object(withUnknown(fields, order, output.unknown, pretty(inner)), depth);
}

function formatContent(item: NotebookOutputItem, depth: number): string {
  switch (item.encoding) {
    case "json":
      return JSON.stringify(item.value);
    case "text":
      return formatLines(item.text, depth);
    case "base64":
      return JSON.stringify(item.text);
  }
}

function metadataField(metadata: object, depth: number): Fields {
  return Object.keys(metadata).length === 0 ? [] : [["metadata", pretty(depth)(metadata)]];
}

function formatLines(text: string, depth: number): string {
  return list(
    toLines(text).map((line) => JSON.stringify(line)),
    depth,
  );
}

/** JSON text over several lines, for a place at this depth. */
function pretty(depth: number): (value: unknown) => string {
  return (value) => JSON.stringify(value, null, 2).replaceAll("\n", `\n${"  ".repeat(depth)}`);
}

function object(fields: Fields, depth: number): string {
  return block(
    "{",
    fields.map(([key, json]) => `${JSON.stringify(key)}: ${json}`),
    "}",
    depth,
  );
}

function list(items: readonly string[], depth: number): string {
  return block("[", items, "]", depth);
}

function block(opening: string, parts: readonly string[], closing: string, depth: number): string {
  if (parts.length === 0) return opening + closing;
  const pad = "  ".repeat(depth);
  return `${opening}\n${parts.map((part) => `${pad}  ${part}`).join(",\n")}\n${pad}${closing}`;
}
