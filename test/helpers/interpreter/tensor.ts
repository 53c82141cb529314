/** A tensor of the reference interpreter: every element type is held in float64. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** Number of elements of a shape. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** A tensor from numbers; throws when they do not fill the shape. */
export function tensor(dims: readonly number[], data: ArrayLike<number>): Tensor {
  if (data.length !== sizeOf(dims))
    throw new RangeError(`${data.length} values for shape [${dims.join(", ")}]`);
  return { dims: [...dims], data: Float64Array.from(data) };
}

/** A tensor whose element at each index vector is `value(index)`; the vector is reused between calls. */
export function fill(dims: readonly number[], value: (index: readonly number[]) => number): Tensor {
  const data = new Float64Array(sizeOf(dims));
  const index = dims.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = value(index);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (dims[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return { dims: [...dims], data };
}

/** The element at `index`; leading axes of the index beyond the tensor's rank are dropped, axes of size 1 stretch. */
export function at(t: Tensor, index: readonly number[]): number {
  return t.data[flatIndex(t.dims, index)] as number;
}

/** Place of the element {@link at} an index vector. */
export function flatIndex(dims: readonly number[], index: readonly number[]): number {
  const offset = index.length - dims.length;
  let flat = 0;
  for (let axis = 0; axis < dims.length; axis++) {
    const size = dims[axis] ?? 1;
    flat = flat * size + (size === 1 ? 0 : (index[axis + offset] ?? 0));
  }
  return flat;
}

/** numpy's shape of an elementwise result. */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((s) => s[s.length - rank + axis] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size))
      throw new RangeError(`[${shapes.join("] and [")}] do not broadcast`);
    return size;
  });
}

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank) throw new RangeError(`axis ${axis} of a tensor of rank ${rank}`);
  return positive;
}
