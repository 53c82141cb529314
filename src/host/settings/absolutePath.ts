import os from "node:os";
import path from "node:path";

/**
 * A path that a person wrote, made absolute: `~` is the home folder, a relative one starts in `base`. Null when the
 * text is empty, or relative and there is no base.
 */
export function absolutePath(written: string, base: string | null): string | null {
  const text = written.trim();
  if (text === "") return null;
  if (text === "~" || /^~[/\\]/.test(text)) return path.resolve(os.homedir(), text.slice(2));
  if (path.isAbsolute(text)) return path.resolve(text);
  return base === null ? null : path.resolve(base, text);
}
