import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { RunModel } from "../../core/run/types.js";
import type { RunDocument } from "./runDocument.js";

/** Works with a run file as a path of this machine: itself, or a copy of what a virtual workspace holds. */
export async function withLocalFile<T>(
  document: RunDocument,
  work: (run: { readonly runPath: string; readonly model: RunModel }) => Promise<T>,
): Promise<T> {
  const { info, bytes } = await document.read();
  if (document.uri.scheme === "file") return work({ runPath: document.uri.fsPath, model: info.model });
  const folder = await mkdtemp(path.join(os.tmpdir(), "dexar-run-"));
  try {
    const runPath = path.join(folder, "run.dexar");
    await writeFile(runPath, bytes);
    return await work({ runPath, model: info.model });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
