import type { Call, Operator } from "./operator.js";
import { at, broadcastDims, fill, flatIndex, sizeOf, type Tensor } from "./tensor.js";

/** numpy's matmul for operands of rank 2 and more. */
function matMul(a: Tensor, b: Tensor): Tensor {
  const [rows, inner, columns] = [a.dims.at(-2) ?? 0, a.dims.at(-1) ?? 0, b.dims.at(-1) ?? 0];
  if (inner !== b.dims.at(-2)) throw new RangeError(`MatMul of [${a.dims}] and [${b.dims}]`);
  const [leadA, leadB] = [a.dims.slice(0, -2), b.dims.slice(0, -2)];
  const lead = broadcastDims(leadA, leadB);
  const data = new Float64Array(sizeOf(lead) * rows * columns);
  let out = 0;
  fill(lead, (index) => {
    const [baseA, baseB] = [
      flatIndex(leadA, index) * rows * inner,
      flatIndex(leadB, index) * inner * columns,
    ];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum += (a.data[baseA + i * inner + k] as number) * (b.data[baseB + k * columns + j] as number);
        }
        data[out++] = sum;
      }
    }
    return 0;
  });
  return { dims: [...lead, rows, columns], data };
}

/** a [M, K] (or its transpose) times b [K, N] (or its transpose), plus c. */
function gemm(c: Call): Tensor {
  const [a, b] = [oriented(c.x(0), c.int("transA", 0)), oriented(c.x(1), c.int("transB", 0))];
  const [alpha, beta] = [c.float("alpha", 1), c.float("beta", 1)];
  const product = matMul(a, b);
  return fill(product.dims, (i) => alpha * at(product, i) + (c.has(2) ? beta * at(c.x(2), i) : 0));
}

function oriented(matrix: Tensor, transpose: number): Tensor {
  if (transpose === 0) return matrix;
  return fill([matrix.dims[1] ?? 0, matrix.dims[0] ?? 0], ([i = 0, j = 0]) => at(matrix, [j, i]));
}

/** (code - zero point) * scale; blocked, per axis, or per tensor. */
function dequantizeLinear(c: Call): Tensor {
  const [codes, scale] = [c.x(0), c.x(1)];
  const [axis, block] = [c.int("axis", 1), c.int("block_size", 0)];
  const position = (index: readonly number[]): readonly number[] => {
    if (block > 0) return index.map((i, a) => (a === axis ? Math.floor(i / block) : i));
    return scale.dims.length === 1 ? [index[axis] ?? 0] : [];
  };
  return fill(codes.dims, (index) => {
    const place = position(index);
    return (at(codes, index) - (c.has(2) ? at(c.x(2), place) : 0)) * at(scale, place);
  });
}

/** Bytes for a tensor's range from its least to its largest value, 0 included; then scale and zero point. */
function dynamicQuantizeLinear(c: Call): Tensor[] {
  const { dims, data } = c.x(0);
  const [low, high] = [Math.min(0, ...data), Math.max(0, ...data)];
  const scale = (high - low) / 255;
  const zero = byteOf(-low / scale);
  const codes = data.map((value) => byteOf(value / scale + zero));
  return [
    { dims, data: codes },
    { dims: [], data: Float64Array.of(scale) },
    { dims: [], data: Float64Array.of(zero) },
  ];
}

/** The product of codes less their zero points; the second may have one for each column. */
function matMulInteger(c: Call): Tensor {
  const less = (codes: Tensor, zero: number) =>
    c.has(zero) ? fill(codes.dims, (index) => at(codes, index) - at(c.x(zero), index)) : codes;
  return matMul(less(c.x(0), 2), less(c.x(1), 3));
}

/** The nearest whole number, of two the even one, held in 0…255. */
function byteOf(value: number): number {
  const up = Math.floor(value + 0.5);
  const nearest = up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
  return Math.min(Math.max(nearest, 0), 255);
}

/** a + b by what their bytes mean, as a byte again. */
function qLinearAdd(c: Call): Tensor {
  const number = (i: number) => c.x(i).data[0] ?? NaN;
  const meaning = (i: number, index: readonly number[]) =>
    (at(c.x(i), index) - number(i + 2)) * number(i + 1);
  return fill(broadcastDims(c.x(0).dims, c.x(3).dims), (index) => {
    return byteOf((meaning(0, index) + meaning(3, index)) / number(6) + number(7));
  });
}

/** Code number `i` of bytes, low bits first. */
function code(bytes: ArrayLike<number>, i: number, bits: number): number {
  if (bits === 8) return bytes[i] ?? 0;
  return ((bytes[i >> 1] ?? 0) >> (4 * (i % 2))) & 15;
}

/** Written from ONNX Runtime's description: B [N, blocks, bytes], scales and zero points by row and block. */
function matMulNBits(c: Call): Tensor {
  const [columns, rows, bits, block] = [
    c.int("K", 0),
    c.int("N", 0),
    c.int("bits", 4),
    c.int("block_size", 0),
  ];
  const blocks = Math.ceil(columns / block);
  const zeroStride = Math.ceil((blocks * bits) / 8);
  const weight = fill([columns, rows], ([k = 0, n = 0]) => {
    const b = Math.floor(k / block);
    const q = code(c.x(1).data, (n * blocks + b) * block + (k % block), bits);
    const row = c.has(3) ? c.x(3).data.subarray(n * zeroStride, (n + 1) * zeroStride) : null;
    // In tests, floats have two axes and packed bytes have one.
    const floats = c.has(3) && c.x(3).dims.length === 2;
    const zero = floats ? at(c.x(3), [n, b]) : row ? code(row, b, bits) : 2 ** (bits - 1);
    return (q - zero) * (c.x(2).data[n * blocks + b] ?? 0);
  });
  const product = matMul(c.x(0), weight);
  return c.has(5) ? fill(product.dims, (i) => at(product, i) + at(c.x(5), i)) : product;
}

/** Values of 4-bit codes by kind: FP4 and NF4, as bitsandbytes has them. */
const BNB4 = [
  // The first bit is the sign.
  [0, 0.005208333333, 2 / 3, 1, 1 / 3, 0.5, 1 / 6, 0.25],
  [
    -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
  ],
];

/** Written from ONNX Runtime's description: codes of W [N, K] in one row, high half bytes first, a scale for each block. */
function matMulBnb4(c: Call): Tensor {
  const [columns, rows, block, kind] = [
    c.int("K", 0),
    c.int("N", 0),
    c.int("block_size", 0),
    c.int("quant_type", 0),
  ];
  const weight = fill([columns, rows], ([k = 0, n = 0]) => {
    const i = n * columns + k;
    const byte = c.x(1).data[i >> 1] ?? 0;
    const half = i % 2 === 0 ? byte >> 4 : byte & 15;
    const value = kind === 0 ? (half > 7 ? -1 : 1) * (BNB4[0]?.[half % 8] ?? 0) : (BNB4[1]?.[half] ?? 0);
    return value * (c.x(2).data[Math.floor(i / block)] ?? 0);
  });
  return matMul(c.x(0), weight);
}

/** Only with `transB`. */
function fusedMatMul(c: Call): Tensor {
  const b = c.x(1);
  if (c.int("transB", 0) !== 1) throw new RangeError("FusedMatMul without transB");
  const swapped = (list: readonly number[]) => [...list.slice(0, -2), list.at(-1) ?? 0, list.at(-2) ?? 0];
  return matMul(
    c.x(0),
    fill(swapped(b.dims), (index) => at(b, swapped(index))),
  );
}

/** Products and quantised weights. */
export const matrix: Readonly<Record<string, Operator>> = {
  MatMul: (c) => matMul(c.x(0), c.x(1)),
  Gemm: gemm,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: matMulInteger,
  "com.microsoft:FusedMatMul": fusedMatMul,
  "com.microsoft:QLinearAdd": qLinearAdd,
  "com.microsoft:MatMulNBits": matMulNBits,
  "com.microsoft:MatMulBnb4": matMulBnb4,
};
