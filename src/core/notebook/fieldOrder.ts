/** The fields of a notebook file in their order. */
export const NOTEBOOK_FIELDS: readonly string[] = ["format", "version", "metadata", "cells"];

/** The fields of a cell in their order: what people write first, what is large last. */
export const CELL_FIELDS: readonly string[] = ["id", "kind", "source", "metadata", "execution", "outputs"];

/** The fields of a cell's last run in their order. */
export const EXECUTION_FIELDS: readonly string[] = ["order", "start", "duration", "success"];
