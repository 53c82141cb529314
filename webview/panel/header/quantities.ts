import * as l10n from "@vscode/l10n";

/** A number of bytes for people: `812 MB`, `2.1 GB`. */
export function formatBytes(bytes: number): string {
  const mega = bytes / 1e6;
  if (mega < 1) return l10n.t("{0} kB", Math.max(1, Math.round(bytes / 1e3)));
  if (mega < 1000) return l10n.t("{0} MB", Math.round(mega));
  return l10n.t("{0} GB", (mega / 1000).toFixed(1));
}

/** A time for people: `0.4 s`, `12 s`, `2 min 5 s`. @param time milliseconds */
export function formatTime(time: number): string {
  const seconds = time / 1000;
  if (seconds < 1) return l10n.t("{0} s", seconds.toFixed(1));
  if (seconds < 60) return l10n.t("{0} s", Math.floor(seconds));
  return l10n.t("{0} min {1} s", Math.floor(seconds / 60), Math.floor(seconds % 60));
}
