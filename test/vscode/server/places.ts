import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";

/** Whether this process may mount file systems (root, and a container that lets it). */
export function canMount(folder: string): boolean {
  try {
    mountSmall(folder, 16);
    unmount(folder);
    return true;
  } catch {
    return false;
  }
}

/** Puts a file system of so many kB over a folder, which is made when it is not there. */
export function mountSmall(folder: string, kilobytes: number, readOnly = false): void {
  mkdirSync(folder, { recursive: true });
  const options = `size=${kilobytes}k${readOnly ? ",ro" : ""}`;
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "pipe" });
}

export function unmount(folder: string): void {
  execFileSync("umount", [folder], { stdio: "pipe" });
}

/** Makes a folder that nothing can be written to; for root, whom permissions do not stop, by a mount. */
export function unwritableFolder(folder: string): { remove(): void } {
  if (process.getuid?.() === 0) {
    mountSmall(folder, 16, true);
    return { remove: () => unmount(folder) };
  }
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o555);
  return { remove: () => chmodSync(folder, 0o755) };
}
