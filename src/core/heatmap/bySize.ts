/** Values over the largest size among them, -1 to 1: 0 stays 0. */
export function bySize(values: Float32Array): Float32Array {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return most > 0 ? values.map((value) => value / most) : new Float32Array(values.length);
}
