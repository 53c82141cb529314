/**
 * The filters of Python's transformers, on one row of logits in place: what may not be chosen becomes -Infinity. The
 * likeliest token always stays. Order there and here: top-k, top-p, min-p, after the temperature.
 */

/** Keeps the `k` largest values, and whatever equals the smallest of them; 0 keeps all. */
export function keepTopK(row: Float32Array, k: number): void {
  if (k <= 0 || k >= row.length) return;
  const least = row.toSorted()[row.length - k] ?? -Infinity;
  for (const [id, value] of row.entries()) if (value < least) row[id] = -Infinity;
}

/** Keeps the likeliest tokens until their probabilities reach `p`; of equal ones at the border those with smaller ids. */
export function keepTopP(row: Float32Array, p: number): void {
  if (p >= 1) return;
  const total = sumOfExponentials(row);
  const sorted = row.toSorted();
  const largest = sorted.at(-1) ?? 0;
  let sum = 0;
  let kept = 0;
  while (kept < sorted.length && (kept === 0 || sum / total < p)) {
    kept++;
    sum += Math.exp((sorted[sorted.length - kept] ?? -Infinity) - largest);
  }
  const border = sorted[sorted.length - kept] ?? -Infinity;
  let equalToKeep = kept - (sorted.length - (sorted.lastIndexOf(border) + 1));
  for (const [id, value] of row.entries()) {
    if (value > border) continue;
    if (value === border && equalToKeep > 0) equalToKeep--;
    else row[id] = -Infinity;
  }
}

/** Keeps tokens whose probability is at least `share` of the largest one. */
export function keepMinP(row: Float32Array, share: number): void {
  if (share <= 0) return;
  const largest = maximum(row);
  for (const [id, value] of row.entries()) if (Math.exp(value - largest) < share) row[id] = -Infinity;
}

/** Sum of the exponentials of what each value lies below the largest. */
function sumOfExponentials(row: Float32Array): number {
  const largest = maximum(row);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - largest);
  return sum;
}

function maximum(row: Float32Array): number {
  let largest = -Infinity;
  for (const value of row) if (value > largest) largest = value;
  return largest;
}
