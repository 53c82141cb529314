import { SMOOTH_KERNELS, type PilKernel, type SmoothKernel } from "./pilKernels.js";
import { checkPixels, type Pixels } from "./pixels.js";

/** Bits after the binary point of a filter weight; 8 bits of pixel and 2 bits of overshoot fill the other 10. */
const PRECISION_BITS = 22;
const ONE = 2 ** PRECISION_BITS;
const HALF = ONE / 2;

/**
 * Resizes as `Image.resize(size, filter)` of Pillow up to 12 does, to the bit: separable, the filter widened
 * when shrinking (antialiasing), fixed-point weights, rows made and rounded to 8 bits before columns (Pillow 13
 * turns the order round for pictures that shrink mostly in height; models of today were trained before it).
 * Each channel is resized on its own (Pillow would premultiply an alpha channel first).
 */
export function resizePil(image: Pixels, width: number, height: number, kernel: PilKernel): Pixels {
  checkPixels(image);
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`Cannot resize a picture to ${width}x${height}`);
  }
  if (kernel === "nearest") return resizeNearest(image, width, height);
  const wide = width === image.width ? image : resizeRows(image, width, SMOOTH_KERNELS[kernel]);
  return height === wide.height ? wide : resizeColumns(wide, height, SMOOTH_KERNELS[kernel]);
}

/** For each output position: which `size` source positions count from `first` on, and their weights. */
interface Weights {
  readonly first: Int32Array;
  readonly size: Int32Array;
  /** `stride` weights per output position, of which `size` are used. */
  readonly weight: Int32Array;
  readonly stride: number;
}

function weightsFor(sourceSize: number, outputSize: number, kernel: SmoothKernel): Weights {
  const scale = sourceSize / outputSize;
  const filterScale = Math.max(scale, 1);
  const support = kernel.support * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const weights: Weights = {
    first: new Int32Array(outputSize),
    size: new Int32Array(outputSize),
    weight: new Int32Array(outputSize * stride),
    stride,
  };
  for (let i = 0; i < outputSize; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(sourceSize, Math.trunc(centre + support + 0.5));
    // The reciprocal first, then the product: Pillow's order, which decides the last bit.
    const reciprocal = 1 / filterScale;
    const raw = Array.from({ length: end - first }, (_, k) =>
      kernel.weight((k + first - centre + 0.5) * reciprocal),
    );
    const sum = raw.reduce((a, b) => a + b, 0);
    raw.forEach((w, k) => (weights.weight[i * stride + k] = fixedPoint(sum === 0 ? w : w / sum)));
    weights.first[i] = first;
    weights.size[i] = end - first;
  }
  return weights;
}

function fixedPoint(weight: number): number {
  return Math.trunc(weight * ONE + (weight < 0 ? -0.5 : 0.5));
}

function resizeRows(image: Pixels, width: number, kernel: SmoothKernel): Pixels {
  const weights = weightsFor(image.width, width, kernel);
  const { channels, height } = image;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const row = y * image.width * channels;
    for (let x = 0; x < width; x++) {
      const from = row + at(weights.first, x) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) data[to + c] = weigh(image.data, from + c, channels, weights, x);
    }
  }
  return { data, width, height, channels };
}

function resizeColumns(image: Pixels, height: number, kernel: SmoothKernel): Pixels {
  const weights = weightsFor(image.height, height, kernel);
  const { channels, width } = image;
  const rowLength = width * channels;
  const data = new Uint8Array(rowLength * height);
  for (let y = 0; y < height; y++) {
    const from = at(weights.first, y) * rowLength;
    for (let i = 0; i < rowLength; i++) {
      data[y * rowLength + i] = weigh(image.data, from + i, rowLength, weights, y);
    }
  }
  return { data, width, height, channels };
}

/** The weighted sum for output position `i`, reading every `step` bytes from `from`, rounded and clipped to 8 bits. */
function weigh(data: Uint8Array, from: number, step: number, weights: Weights, i: number): number {
  const size = at(weights.size, i);
  const start = i * weights.stride;
  let sum = HALF;
  for (let k = 0; k < size; k++) sum += at(data, from + k * step) * at(weights.weight, start + k);
  return Math.min(255, Math.max(0, Math.floor(sum / ONE)));
}

function resizeNearest(image: Pixels, width: number, height: number): Pixels {
  const { channels } = image;
  const columns = nearestIndices(image.width, width);
  const rows = nearestIndices(image.height, height);
  const data = new Uint8Array(width * height * channels);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * image.width + column) * channels;
      for (let c = 0; c < channels; c++) data[to++] = at(image.data, from + c);
    }
  }
  return { data, width, height, channels };
}

/** Steps are added up one by one, as Pillow does: multiplying would round differently at pixel borders. */
function nearestIndices(sourceSize: number, outputSize: number): Int32Array {
  const step = sourceSize / outputSize;
  const indices = new Int32Array(outputSize);
  let position = step * 0.5;
  for (let i = 0; i < outputSize; i++) {
    indices[i] = Math.min(sourceSize - 1, Math.trunc(position));
    position += step;
  }
  return indices;
}

/** An element known to be in range. */
function at(values: Uint8Array | Int32Array, index: number): number {
  return values[index] as number;
}
