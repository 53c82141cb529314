import { DexarError } from "../core/errors.js";
import { diskFull, notWritable } from "./hubErrors.js";

/** An error of the file system as one for the user; any other as it is. */
export function diskFailure(folder: string, error: unknown): unknown {
  if (error instanceof DexarError || !(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOSPC":
    case "EDQUOT":
      return diskFull(folder, `the disk became full, ${error.code}`, error);
    case "EACCES":
    case "EPERM":
    case "EROFS":
    case "ENOTDIR":
    case "EEXIST":
    case "EBUSY":
      return notWritable(folder, error);
    default:
      return error;
  }
}
