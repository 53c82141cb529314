import type { BenchBar, BenchReport } from "./types.js";

/** A bar in words: `<= 1.15x`, `>= 35x`, `0.85x to 1.15x`. */
export function barText({ least, limit }: BenchBar): string {
  if (least === undefined) return `<= ${limit}x`;
  return limit === undefined ? `>= ${least}x` : `${least}x to ${limit}x`;
}

/** How many bars were met, and each that was not; no lines where none applies. */
export function barLines({ models }: BenchReport): string[] {
  const rows = models.flatMap((model) => model.rows.map((row) => ({ ...row, model })));
  const barred = rows.flatMap(({ bar, ...row }) => (bar === undefined ? [] : { ...row, bar }));
  if (barred.length === 0) return [];
  const missed = barred.filter(({ bar }) => !bar.met);
  return [
    "",
    `bars: ${barred.length - missed.length} of ${barred.length} met`,
    ...(missed.length === 0 ? [] : [""]),
    ...missed.map(
      ({ model, section, label, ratio, bar }) =>
        `- NOT MET: ${model.shape} ${model.dtype}, ${section}: ${label}, ${ratio?.toFixed(2)}x (${barText(bar)})`,
    ),
  ];
}
