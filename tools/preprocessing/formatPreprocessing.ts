import type { GoldenCase, PixelDifference } from "./measure.js";

/** A picture under some settings: our difference, and transformers.js's own (null: other sizes, nothing to compare). */
export interface MeasuredRow extends Omit<GoldenCase, "samples"> {
  readonly pil: PixelDifference;
  readonly plain: PixelDifference | null;
}

/** The largest mean difference that is allowed, in steps of a byte's 255. */
export const MOST_MEAN = 0.5;

/** docs/preprocessing.md. */
export function formatPreprocessing(
  rows: readonly MeasuredRow[],
  made: { readonly transformers: string; readonly pillow: string },
): string {
  const pictures = [...new Set(rows.map(({ picture }) => picture))];
  const names = [...new Set(rows.map(({ settings }) => settings))];
  const head = ["settings", "resize", ...pictures, "most at one value", "transformers.js's own"];
  const body = names.flatMap((name) =>
    (["down", "up"] as const).map((direction) => {
      const own = rows.filter(({ settings, direction: way }) => settings === name && way === direction);
      return [name, direction, ...lineOf(own, pictures)];
    }),
  );
  const worst = Math.max(...rows.map(({ pil }) => pil.mean));
  return `# Preprocessing

Written by \`npm run docs:preprocessing\`; \`test/runtime/preprocessing.test.ts\` holds it to the limit.

How far our pixel values are from those of each model's own Python processor (transformers ${made.transformers} with Pillow ${made.pillow}, recorded by \`tools/preprocessingGoldens.py\`), for the processor settings that models on the hub have: size rule, crop, tiles, padding, rescaling and normalisation together. Numbers are mean differences in steps of the 255 of a byte, over 400 values spread over each result; the largest mean is ${number(worst)}, allowed are ${MOST_MEAN}. Five pictures (three photos, a drawing, a scene), each mirrored until it is larger than the processor takes (down) and cut to its middle of at most 120 x 90 pixels (up). The last column is what \`--resize transformers.js\` gives: the mean over the five pictures, without antialiasing.

${table(head, body)}

Not in the table: LFM2-VL, whose own processor resizes with torchvision and not with Pillow, and Phi-3.5-vision, whose own processor is code beside its weights; their tiny models are compared with their recipes' pixels, LFM2-VL's in \`test/golden/families\`, Phi-3.5-vision's in \`test/runtime/families\`. LLaVA-OneVision is compared for the one grid that its export takes.
`;
}

function lineOf(rows: readonly MeasuredRow[], pictures: readonly string[]): string[] {
  const means = pictures.map((picture) => {
    const row = rows.find((candidate) => candidate.picture === picture);
    return row ? number(row.pil.mean) : "";
  });
  const plain = rows.flatMap((row) => (row.plain ? [row.plain.mean] : []));
  const others =
    plain.length < rows.length ? "other sizes" : number(plain.reduce((a, b) => a + b, 0) / plain.length);
  return [...means, number(Math.max(...rows.map(({ pil }) => pil.most))), others];
}

function number(value: number): string {
  return value.toFixed(3);
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...body.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)].join(
    "\n",
  );
}
