import type { Call, Operator } from "./operator.js";
import { at, axisOf, fill, sizeOf, type Tensor } from "./tensor.js";

/** Sums over axes (all of them when `axes` is empty), which stay with size 1. */
function sumOver(x: Tensor, axes: readonly number[]): Tensor {
  const gone = new Set(axes.length > 0 ? axes.map((a) => axisOf(a, x.dims.length)) : x.dims.keys());
  const sums = new Float64Array(sizeOf(x.dims.map((size, axis) => (gone.has(axis) ? 1 : size))));
  const out = { dims: x.dims.map((size, axis) => (gone.has(axis) ? 1 : size)), data: sums };
  fill(x.dims, (index) => {
    let flat = 0;
    out.dims.forEach((size, axis) => (flat = flat * size + (gone.has(axis) ? 0 : (index[axis] ?? 0))));
    sums[flat] = (sums[flat] ?? 0) + at(x, index);
    return 0;
  });
  return out;
}

function reduce(mean: boolean): Operator {
  return (c) => {
    const x = c.x(0);
    const axes = c.ints("axes") ?? (c.has(1) ? c.list(1) : []);
    const sum = sumOver(x, axes);
    const divisor = mean ? sizeOf(x.dims) / sizeOf(sum.dims) : 1;
    const gone = axes.map((a) => axisOf(a, x.dims.length));
    const dims =
      c.int("keepdims", 1) === 1
        ? sum.dims
        : sum.dims.filter((_, axis) => axes.length > 0 && !gone.includes(axis));
    return { dims, data: sum.data.map((v) => v / divisor) };
  };
}

/** Applies `f` to every vector along the last axis. */
function alongLast(x: Tensor, f: (row: Float64Array) => ArrayLike<number>): Tensor {
  const width = x.dims.at(-1) ?? 1;
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += width)
    data.set(f(x.data.subarray(start, start + width)), start);
  return { dims: x.dims, data };
}

const average = (row: Float64Array, f: (v: number) => number): number =>
  row.reduce((sum, v) => sum + f(v), 0) / row.length;

function softmax(c: Call): Tensor {
  if (axisOf(c.int("axis", -1), c.x(0).dims.length) !== c.x(0).dims.length - 1)
    throw new RangeError("only the last axis");
  return alongLast(c.x(0), (row) => {
    const top = Math.max(...row);
    const exp = row.map((v) => Math.exp(v - top));
    return exp.map((v) => v / exp.reduce((a, b) => a + b));
  });
}

/** (x - mean) / std * gamma + beta, or x / rms * gamma, over the last axis. */
function normalise(
  c: Call,
  x: Tensor,
  centre: boolean,
  gamma: Tensor,
  beta: Tensor | null,
  noEpsilon = 1e-5,
): Tensor {
  const epsilon = c.float("epsilon", noEpsilon);
  return alongLast(x, (row) => {
    const mean = centre ? average(row, (v) => v) : 0;
    const scale = 1 / Math.sqrt(average(row, (v) => (v - mean) ** 2) + epsilon);
    return row.map((v, i) => (v - mean) * scale * at(gamma, [i]) + (beta ? at(beta, [i]) : 0));
  });
}

function add(a: Tensor, b: Tensor): Tensor {
  return fill(a.dims, (i) => at(a, i) + at(b, i));
}

/** Outputs of a skip norm: the norm, two statistics nobody reads, the sum. */
function skipNorm(centre: boolean): Operator {
  return (c) => {
    const bias = centre ? 4 : 3;
    const sum = add(c.x(0), c.x(1));
    const total = c.has(bias) ? add(sum, c.x(bias)) : sum;
    const beta = centre && c.has(3) ? c.x(3) : null;
    const empty = { dims: [0], data: new Float64Array(0) };
    return [normalise(c, total, centre, c.x(2), beta, 1e-12), empty, empty, total];
  };
}

/** Reductions, softmax and the norms (all over the last axis). */
export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduce(false),
  ReduceMean: reduce(true),
  Softmax: softmax,
  LayerNormalization: (c) => normalise(c, c.x(0), true, c.x(1), c.has(2) ? c.x(2) : null),
  SimplifiedLayerNormalization: (c) => normalise(c, c.x(0), false, c.x(1), null),
  RMSNormalization: (c) => normalise(c, c.x(0), false, c.x(1), null),
  "com.microsoft:SkipLayerNormalization": skipNorm(true),
  "com.microsoft:SkipSimplifiedLayerNormalization": skipNorm(false),
};
