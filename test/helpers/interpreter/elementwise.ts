import type { Operator } from "./operator.js";
import { at, broadcastDims, fill } from "./tensor.js";

/** f of one number, element by element. */
function map(f: (x: number) => number): Operator {
  return (c) => ({ dims: c.x(0).dims, data: c.x(0).data.map(f) });
}

/** f of two numbers with numpy's broadcasting. */
function zip(f: (a: number, b: number) => number): Operator {
  return (c) => {
    const [x, y] = [c.x(0), c.x(1)];
    if (x.dims.join() === y.dims.join()) {
      return { dims: x.dims, data: x.data.map((a, i) => f(a, y.data[i] as number)) };
    }
    return fill(broadcastDims(x.dims, y.dims), (i) => f(at(x, i), at(y, i)));
  };
}

/** erf(x) = 2/sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (1 3 5 … (2n+1)): no cancellation, full float64 precision. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));
const tanhGelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/** An activation of x + b, where the bias b may be absent. */
function biased(f: (x: number) => number): Operator {
  return (c) => (c.has(1) ? zip((x, b) => f(x + b))(c) : map(f)(c));
}

/** Arithmetic and activations. Casts between floats keep the value: this interpreter is exact. */
export const elementwise: Readonly<Record<string, Operator>> = {
  Add: zip((a, b) => a + b),
  Sub: zip((a, b) => a - b),
  Mul: zip((a, b) => a * b),
  Div: zip((a, b) => a / b),
  Pow: zip((a, b) => a ** b),
  Neg: map((x) => -x),
  Reciprocal: map((x) => 1 / x),
  Sqrt: map(Math.sqrt),
  Exp: map(Math.exp),
  Erf: map(erf),
  Sign: map(Math.sign),
  Floor: map(Math.floor),
  Sigmoid: map(sigmoid),
  Tanh: map(Math.tanh),
  Relu: map((x) => Math.max(x, 0)),
  Identity: map((x) => x),
  Cast: map((x) => x),
  Gelu: (c) => map(c.string("approximate", "none") === "tanh" ? tanhGelu : gelu)(c),
  "com.microsoft:Gelu": map(gelu),
  "com.microsoft:BiasGelu": biased(gelu),
  "com.microsoft:FastGelu": biased(tanhGelu),
  "com.microsoft:QuickGelu": (c) => map((x) => x * sigmoid(c.float("alpha", 1.702) * x))(c),
};
