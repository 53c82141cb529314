// @ts-check
/** @typedef {{ readonly path: string, readonly size: number, readonly packed: number }} PackedFile bytes unpacked, and in the VSIX */

/** What a VSIX is made of: the first pattern that fits a path says its group. @type {readonly (readonly [string, RegExp])[]} */
const GROUPS = [
  ["ONNX Runtime, native", /^node_modules\/onnxruntime-node\/bin\//],
  ["sharp and libvips, native", /^node_modules\/@img\/sharp-/],
  ["bundled model", /^models\//],
  ["fonts", /^node_modules\/dejavu-fonts-ttf\//],
  ["JavaScript of ONNX Runtime and sharp", /^node_modules\//],
  ["bundles and licences", /^dist\//],
  ["guide and its pictures", /^(docs\/|readme\.md|changelog\.md)/i],
  ["sample pictures", /^examples\//],
  ["icons, walkthrough, texts, manifest", /./],
];

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(2);
}

/**
 * The content of a VSIX by group, as a Markdown table in MB (10^6 bytes).
 * @param {readonly PackedFile[]} files
 */
export function groupTable(files) {
  const rows = GROUPS.map(([name]) => ({ name, files: 0, size: 0, packed: 0 }));
  const total = { name: "all", files: 0, size: 0, packed: 0 };
  for (const file of files) {
    const row = rows[GROUPS.findIndex(([, pattern]) => pattern.test(file.path))];
    for (const sum of row ? [row, total] : [total]) {
      sum.files += 1;
      sum.size += file.size;
      sum.packed += file.packed;
    }
  }
  const lines = [...rows, total].map(
    (row) => `| ${row.name} | ${row.files} | ${megabytes(row.size)} | ${megabytes(row.packed)} |`,
  );
  return ["| what | files | MB | MB packed |", "| --- | --: | --: | --: |", ...lines].join("\n");
}
