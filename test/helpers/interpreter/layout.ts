import type { Call, Operator } from "./operator.js";
import { at, axisOf, broadcastDims, fill, sizeOf, type Tensor } from "./tensor.js";

function reshape(c: Call): Tensor {
  const x = c.x(0);
  const wanted = c.list(1).map((size, axis) => (size === 0 ? (x.dims[axis] ?? 0) : size));
  const known = wanted.filter((size) => size !== -1).reduce((a, b) => a * b, 1);
  return withDims(
    x,
    wanted.map((size) => (size === -1 ? sizeOf(x.dims) / known : size)),
  );
}

function withDims(x: Tensor, dims: readonly number[]): Tensor {
  if (sizeOf(dims) !== x.data.length) throw new RangeError(`[${x.dims}] cannot become [${dims}]`);
  return { dims, data: x.data };
}

function transpose(c: Call): Tensor {
  const x = c.x(0);
  const perm = c.ints("perm") ?? x.dims.map((_, axis) => x.dims.length - 1 - axis);
  const source = x.dims.map(() => 0);
  return fill(
    perm.map((axis) => x.dims[axis] ?? 0),
    (index) => {
      perm.forEach((axis, i) => (source[axis] = index[i] ?? 0));
      return at(x, source);
    },
  );
}

/** `count` elements of an axis from `start` on, every `step`-th. */
function cut(x: Tensor, axis: number, start: number, count: number, step = 1): Tensor {
  return fill(replace(x.dims, axis, count), (index) =>
    at(x, replace(index, axis, start + (index[axis] ?? 0) * step)),
  );
}

function replace(list: readonly number[], at: number, value: number): number[] {
  return list.map((old, i) => (i === at ? value : old));
}

function concat(c: Call): Tensor {
  const axis = axisOf(c.int("axis", 0), c.x(0).dims.length);
  const parts = c
    .all()
    .flatMap((part) => Array.from({ length: part.dims[axis] ?? 0 }, (_, i) => ({ part, i })));
  return fill(replace(c.x(0).dims, axis, parts.length), (index) => {
    const from = parts[index[axis] ?? 0];
    return from ? at(from.part, replace(index, axis, from.i)) : 0;
  });
}

function split(c: Call): Tensor[] {
  const x = c.x(0);
  const axis = axisOf(c.int("axis", 0), x.dims.length);
  const parts = c.node.output.length;
  const even = () => new Array<number>(parts).fill((x.dims[axis] ?? 0) / parts);
  let start = 0;
  return (c.has(1) ? c.list(1) : (c.ints("split") ?? even())).map((size) => {
    const part = cut(x, axis, start, size);
    start += size;
    return part;
  });
}

function slice(c: Call): Tensor {
  const [starts, ends] = [c.list(1), c.list(2)];
  const axes = c.has(3) ? c.list(3) : starts.map((_, i) => i);
  const steps = c.has(4) ? c.list(4) : starts.map(() => 1);
  return axes.reduce((x, given, i) => {
    const axis = axisOf(given, x.dims.length);
    const size = x.dims[axis] ?? 0;
    const clamp = (edge = 0) => Math.min(Math.max(edge < 0 ? edge + size : edge, 0), size);
    const [from, to, step] = [clamp(starts[i]), clamp(ends[i]), steps[i] ?? 1];
    if (step < 1) throw new RangeError("Slice backwards");
    return cut(x, axis, from, Math.max(0, Math.ceil((to - from) / step)), step);
  }, c.x(0));
}

function gather(c: Call): Tensor {
  const [x, ids] = [c.x(0), c.x(1)];
  const axis = axisOf(c.int("axis", 0), x.dims.length);
  const rank = ids.dims.length;
  return fill([...x.dims.slice(0, axis), ...ids.dims, ...x.dims.slice(axis + 1)], (index) => {
    const id = at(ids, index.slice(axis, axis + rank));
    const row = id < 0 ? id + (x.dims[axis] ?? 0) : id;
    return at(x, [...index.slice(0, axis), row, ...index.slice(axis + rank)]);
  });
}

function unsqueeze(c: Call): Tensor {
  const given = c.ints("axes") ?? c.list(1);
  const rank = c.x(0).dims.length + given.length;
  const axes = new Set(given.map((a) => axisOf(a, rank)));
  const rest = [...c.x(0).dims];
  return withDims(
    c.x(0),
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (rest.shift() ?? 1))),
  );
}

function squeeze(c: Call): Tensor {
  const { dims } = c.x(0);
  const given =
    c.ints("axes") ?? (c.has(1) ? c.list(1) : dims.flatMap((size, axis) => (size === 1 ? [axis] : [])));
  const axes = new Set(given.map((a) => axisOf(a, dims.length)));
  return withDims(
    c.x(0),
    dims.filter((_, axis) => !axes.has(axis)),
  );
}

function tile(c: Call): Tensor {
  const x = c.x(0);
  const repeats = c.list(1);
  return fill(
    x.dims.map((size, axis) => size * (repeats[axis] ?? 1)),
    (index) =>
      at(
        x,
        index.map((i, axis) => i % (x.dims[axis] ?? 1)),
      ),
  );
}

/** Operators that move elements. */
export const layout: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  Unsqueeze: unsqueeze,
  Squeeze: squeeze,
  Tile: tile,
  Expand: (c) => fill(broadcastDims(c.x(0).dims, c.list(1)), (index) => at(c.x(0), index)),
  Shape: (c) => {
    const { dims } = c.x(0);
    const part = dims.slice(c.int("start", 0), c.int("end", dims.length));
    return { dims: [part.length], data: Float64Array.from(part) };
  },
};
