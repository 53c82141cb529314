import type { PictureBytes } from "../../protocol/panel.js";
import { runMissing } from "../runs/runMissing.js";
import type { RunStore } from "../services.js";
import type { RunFile } from "./readRunFile.js";
import type { RunDocument } from "./runDocument.js";

/** The part of a store that an export reads a run from. */
export type RunSource = Pick<RunStore, "ready" | "get" | "read">;

/** A run file as if it were a store with one run; what is saved of it is proposed beside it. */
export function sourceOfFile(
  document: RunDocument,
  shownPicture: (file: RunFile) => Promise<PictureBytes>,
): RunSource {
  return {
    ready: Promise.resolve(),
    get: (id) => {
      const { info, uri } = document;
      if (info === null) return undefined;
      const saved = { info, runPath: uri.fsPath, picturePath: "", bytes: 0 };
      return { id, name: null, saved, image: uri };
    },
    read: async (runId) => {
      const file = await document.read();
      if (file.info.id !== runId) throw runMissing();
      return { runId, file: file.bytes, picture: await shownPicture(file), name: null };
    },
  };
}
