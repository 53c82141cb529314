import * as vscode from "vscode";

/** A number of bytes for people, in the editor's language: `4 kB`, `312 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const [unit, size, digits] =
    bytes < 999.5e3
      ? (["kilobyte", 1e3, 0] as const)
      : bytes < 999.5e6
        ? (["megabyte", 1e6, 0] as const)
        : (["gigabyte", 1e9, 1] as const);
  const style = { style: "unit", unit, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(vscode.env.language, style).format(bytes / size);
}
