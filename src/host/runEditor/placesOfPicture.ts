import path from "node:path";
import * as vscode from "vscode";
import type { RunInfo } from "../../core/run/types.js";
import type { RunEntry } from "../services.js";

/** Where the picture of a run file may lie: where it was explained from when that is known, or beside the file. */
export function placesOfPicture(
  file: vscode.Uri,
  { id, image }: RunInfo,
  entries: readonly RunEntry[],
): readonly vscode.Uri[] {
  const kept = entries.filter(({ saved }) => saved.info.id === id).map((entry) => entry.image);
  // Only a name: what a file says must not lead anywhere.
  const name = path.posix.basename(image.name.replaceAll("\\", "/"));
  return [...kept, vscode.Uri.joinPath(file, "..", name)];
}
