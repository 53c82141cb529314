import { CELL_FIELDS, EXECUTION_FIELDS, NOTEBOOK_FIELDS } from "./fieldOrder.js";
import { findJsonFault } from "./jsonFault.js";
import { damagedNotebook, newerNotebook } from "./notebookErrors.js";
import {
  readBase64,
  readChoice,
  readLines,
  readList,
  readNumber,
  readObject,
  readText,
} from "./notebookFields.js";
import { isOutputKey, readOutputKey } from "./outputKey.js";
import type { CellExecution, Notebook, NotebookCell, NotebookOutput, NotebookOutputItem } from "./types.js";
import { unknownFields } from "./unknownFields.js";

/**
 * Reads a notebook file; an empty file is an empty notebook.
 * @throws DexarError `notebook-damaged` naming line or cell, `notebook-newer`
 */
export function parseNotebook(text: string): Notebook {
  const json = text.replace(/^\uFEFF/, "");
  if (json.trim() === "") return { metadata: {}, cells: [], unknown: [] };
  const fault = findJsonFault(json);
  if (fault) throw damagedNotebook(`line ${fault.line}: ${fault.what}`);
  const source = readObject(JSON.parse(json), "the whole");
  checkVersion(source);
  const cells = readList(source["cells"], "cells");
  return {
    metadata: readObject(source["metadata"] ?? {}, "metadata"),
    cells: cells.map((cell, index) => parseCell(cell, `cell ${index + 1}`)),
    unknown: unknownFields(source, (key) => NOTEBOOK_FIELDS.includes(key)),
  };
}

function checkVersion({ format, version }: Readonly<Record<string, unknown>>): void {
  if (format !== "dexar-notebook")
    throw damagedNotebook(`it does not say "format": "dexar-notebook", so it may be something else`);
  if (typeof version === "number" && version > 1) throw newerNotebook(version);
  if (version !== 1) throw damagedNotebook("its version is not a number from 1");
}

function parseCell(value: unknown, place: string): NotebookCell {
  const cell = readObject(value, place);
  const { id, kind, source, metadata, execution, outputs } = cell;
  return {
    id: id === undefined ? null : readText(id, `${place}, id`),
    kind: readChoice(kind, ["prompt", "markdown"], `${place}, kind`),
    source: readLines(source, `${place}, source`),
    metadata: readObject(metadata ?? {}, `${place}, metadata`),
    execution: execution === undefined ? null : parseExecution(execution, `${place}, execution`),
    outputs: readList(outputs ?? [], `${place}, outputs`).map((output, index) =>
      parseOutput(output, `${place}, output ${index + 1}`),
    ),
    unknown: unknownFields(cell, (key) => CELL_FIELDS.includes(key)),
  };
}

function parseExecution(value: unknown, place: string): CellExecution {
  const execution = readObject(value, place);
  const { order, start, duration, success } = execution;
  const timed = start !== undefined && duration !== undefined;
  const isTime = (key: string): boolean => key === "start" || key === "duration";
  return {
    order: order === undefined ? null : readNumber(order, `${place}.order`),
    start: timed ? readTime(start, `${place}.start`) : null,
    duration: timed ? readNumber(duration, `${place}.duration`) : null,
    success: success === undefined ? null : readChoice(success, [true, false], `${place}.success`),
    // A start without a duration, or the other way round, tells nothing: it is kept as it is.
    unknown: unknownFields(execution, (key) => EXECUTION_FIELDS.includes(key) && (timed || !isTime(key))),
  };
}

function readTime(value: unknown, place: string): number {
  const time = Date.parse(readText(value, place));
  if (Number.isNaN(time)) throw damagedNotebook(`${place} is not a time such as 2026-01-31T12:00:00.000Z`);
  return time;
}

function parseOutput(value: unknown, place: string): NotebookOutput {
  const output = readObject(value, place);
  const contents = Object.entries(output).filter(([key]) => isOutputKey(key));
  return {
    metadata: readObject(output["metadata"] ?? {}, `${place}, metadata`),
    items: contents.map(([key, content]) => parseContent(key, content, `${place}, ${key}`)),
    unknown: unknownFields(output, (key) => key === "metadata" || isOutputKey(key)),
  };
}

function parseContent(key: string, content: unknown, place: string): NotebookOutputItem {
  const { mime, encoding } = readOutputKey(key);
  switch (encoding) {
    case "json":
      return { mime, encoding, value: content };
    case "text":
      return { mime, encoding, text: readLines(content, place) };
    case "base64":
      return { mime, encoding, text: readBase64(content, place) };
  }
}
