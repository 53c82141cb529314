/** Bytes in words: `840 MB`, `1.46 GB`, `14.2 GB`. */
export function bytesText(bytes: number): string {
  if (bytes < 999.5e6) return `${(bytes / 1e6).toFixed(0)} MB`;
  return `${(bytes / 1e9).toFixed(bytes < 9.95e9 ? 2 : 1)} GB`;
}
