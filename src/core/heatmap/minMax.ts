/** (x - min) / (max - min); all 0 for a flat or empty map. */
export function minMax(values: Float32Array): Float32Array {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = high - low;
  if (!(range > 0)) return new Float32Array(values.length);
  return values.map((value) => (value - low) / range);
}
