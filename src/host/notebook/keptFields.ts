import type { CellExecution, JsonObject, UnknownField } from "../../core/notebook/types.js";

/**
 * What the editor's notebook, cell or output keeps of the file beside what it knows itself: in its `metadata`, so
 * that copies, undo and other extensions keep it too.
 */
export interface KeptFields {
  /** `metadata` of the file. */
  readonly metadata?: JsonObject;
  readonly unknown?: readonly UnknownField[];
  readonly id?: string;
  /** Unknown fields of a cell's last run. */
  readonly execution?: CellExecution["unknown"];
}

/** The fields as the editor keeps them: nothing where there is nothing to keep. */
export function keepFields(fields: {
  readonly metadata: JsonObject;
  readonly unknown: readonly UnknownField[];
  readonly id?: string | null;
  readonly execution?: CellExecution["unknown"];
}): Record<string, unknown> {
  const { metadata, unknown, id = null, execution = [] } = fields;
  return {
    ...(id !== null && { id }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(unknown.length > 0 && { unknown }),
    ...(execution.length > 0 && { execution }),
  };
}

/** What was kept; other extensions may have written there too, so nothing is taken for granted. */
export function keptFields(editorMetadata: Readonly<Record<string, unknown>> | undefined): KeptFields {
  const { id, metadata, unknown, execution } = editorMetadata ?? {};
  return {
    ...(typeof id === "string" && { id }),
    ...(isObject(metadata) && { metadata }),
    ...(isFields(unknown) && { unknown }),
    ...(isFields(execution) && { execution }),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFields(value: unknown): value is readonly UnknownField[] {
  return Array.isArray(value) && value.every((field) => isObject(field) && typeof field["key"] === "string");
}
