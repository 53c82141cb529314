import * as vscode from "vscode";
import { DexarError } from "../../core/errors.js";
import type { JsonObject } from "../../core/notebook/types.js";
import { keptFields } from "./keptFields.js";

/** What a notebook's prompt cells take when they name nothing themselves; paths are relative to the notebook. */
export interface NotebookDefaults {
  readonly model?: string;
  readonly images?: readonly string[];
}

/**
 * The defaults in a notebook's metadata: `model`, and `image` or `images`.
 * @throws DexarError `notebook-metadata` when they are something else than texts
 */
export function notebookDefaults(notebook: Pick<vscode.NotebookDocument, "metadata">): NotebookDefaults {
  const { metadata = {} } = keptFields(notebook.metadata);
  const { model, image, images = image } = metadata;
  return {
    ...(model !== undefined && { model: text(model, "model") }),
    ...(images !== undefined && { images: [images].flat().map((path) => text(path, "image")) }),
  };
}

/** The notebook's metadata with other defaults; null takes one away. The rest stays as it is. */
export function withDefaults(
  notebook: Pick<vscode.NotebookDocument, "metadata">,
  change: { readonly model?: string | null; readonly images?: readonly string[] | null },
): Record<string, unknown> {
  const { metadata = {} } = keptFields(notebook.metadata);
  const { model, images } = change;
  const [first, ...others] = images ?? [];
  const fields = Object.entries({
    ...metadata,
    ...(model !== undefined && { model }),
    ...(images !== undefined && {
      image: first !== undefined && others.length === 0 ? first : null,
      images: others.length > 0 ? images : null,
    }),
  }).filter(([, value]) => value !== null);
  return { ...notebook.metadata, metadata: Object.fromEntries(fields) satisfies JsonObject };
}

function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new DexarError(
    "notebook-metadata",
    vscode.l10n.t('"{0}" in the notebook\'s metadata is not a text.', name),
    vscode.l10n.t("Choose it anew in the notebook's toolbar."),
  );
}
