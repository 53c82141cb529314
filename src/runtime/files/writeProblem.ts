/** Why a file could not be written, by the `code` of the system's error: in words, and what to do about it. */
export function writeProblem({ code, message }: NodeJS.ErrnoException): { reason: string; nextStep: string } {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return { reason: `no space is left, ${code}`, nextStep: "Free some space, or save to another disk." };
    case "EROFS":
      return { reason: `the disk is read-only, ${code}`, nextStep: "Save to a folder on another disk." };
    case "EACCES":
    case "EPERM":
      return {
        reason: `permission denied, ${code}`,
        nextStep: "Give yourself the right to write there, or save to a folder of your own.",
      };
    case "ENOENT":
    case "ENOTDIR":
      return {
        reason: `the folder does not exist, ${code}`,
        nextStep: "Create the folder, or choose another.",
      };
    default:
      return {
        reason: code ?? message,
        nextStep: "Check the free space and the permissions of the folder, or choose another.",
      };
  }
}
