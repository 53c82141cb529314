import { rename, rm, stat } from "node:fs/promises";
import type { HubFile } from "./hubApi.js";
import { damaged } from "./hubErrors.js";
import { receive, type ReceiveContext } from "./receive.js";
import { retrying } from "./retry.js";
import { fileProblem } from "./verifyFile.js";

/** A file to download, and where to. */
export interface FileDownload {
  readonly file: HubFile;
  readonly url: string;
  /** The model's page on the hub. */
  readonly page: string;
  /** Where it lies when it is whole and checked; until then `.part` follows. */
  readonly target: string;
}

/** The name of a file that is not whole yet. */
export function partOf(target: string): string {
  return `${target}.part`;
}

/**
 * Downloads a file, from where an earlier try ended; it has its name only when it is the one that the hub lists.
 * @throws DexarError `download-damaged` when its checksum is wrong twice; those of `request`
 */
export async function downloadFile(download: FileDownload, context: ReceiveContext): Promise<void> {
  const { file, target } = download;
  const part = partOf(target);
  for (let attempt = 1; ; attempt++) {
    context.progress.begin(file.path);
    let furthest = 0;
    await retrying(
      (gotOn) =>
        receive({ ...download, part }, context, (position) => {
          // Bytes that come a second time are no progress: it would go on for ever.
          if (position > furthest) gotOn();
          furthest = Math.max(furthest, position);
        }),
      context,
    );
    context.progress.checking();
    const problem = await fileProblem(part, file, context.signal);
    if (problem === null) return rename(part, target);
    context.progress.lost((await stat(part)).size);
    await rm(part);
    if (attempt === 2) throw damaged(file.path, problem);
  }
}
