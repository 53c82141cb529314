/** A share of a map or of weights in per cent, two digits: single cells have little (`1.3 %`, `0.042 %`, `-12 %`). */
export function shareText(share: number): string {
  const percent = 100 * share;
  if (percent === 0) return "0 %";
  if (Math.abs(percent) < 0.001) return percent > 0 ? "<0.001 %" : ">-0.001 %";
  return `${Number(percent.toPrecision(Math.abs(percent) >= 100 ? 3 : 2))} %`.replace("-", "−");
}

/** A difference of shares in percentage points, with its sign. */
export function pointsText(difference: number): string {
  const text = shareText(difference);
  return difference > 0 ? `+${text}` : text;
}
