/** A value with three significant digits (at most four decimals): `0.0420`, `1.3e-5`, `12.4`; whole numbers as they are. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "n/a" : value > 0 ? "∞" : "-∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 100_000) return String(value);
  if (size < 0.001 || size >= 100_000) return value.toExponential(1).replace("e+", "e");
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(digits, 4));
}

/** A natural-log probability as per cent: `97 %`, `0.42 %`, `<0.01 %`. */
export function formatProbability(logprob: number): string {
  const percent = 100 * Math.exp(logprob);
  if (Number.isNaN(percent)) return "n/a";
  if (percent < 0.01) return "<0.01 %";
  if (percent < 1) return `${percent.toFixed(2)} %`;
  return `${percent < 99.95 && percent >= 99 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** A share between 0 and 1 as whole per cent: `14 %`, `<1 %`. */
export function formatShare(share: number): string {
  const percent = 100 * share;
  return percent > 0 && percent < 1 ? "<1 %" : `${Math.round(percent)} %`;
}
