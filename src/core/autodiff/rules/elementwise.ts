import { TensorProto_DataType as DataType } from "onnx-buf";
import { intAttribute } from "../../graph/attributes.js";
import { broadcast, type RuleTable, type Shape, type ShapeContext } from "../rule.js";
import { div, k, mul, neg } from "./notation.js";

const same = (c: ShapeContext): Shape[] => [c.shape(0)];
const both = (c: ShapeContext): Shape[] => [broadcast(c.shape(0), c.shape(1))];

/** Arithmetic, element by element; x, x' are the inputs, y the output, g the gradient of the output. */
export const elementwise: RuleTable = {
  // y = x + x':  (g, g)
  Add: { shape: both, vjp: [(c) => c.g(), (c) => c.g()] },
  // y = x - x':  (g, -g)
  Sub: { shape: both, vjp: [(c) => c.g(), (c) => neg(c, c.g())] },
  // y = x x':  (g x', g x)
  Mul: { shape: both, vjp: [(c) => mul(c, c.g(), c.x(1)), (c) => mul(c, c.g(), c.x(0))] },
  // y = x / x':  (g / x', -g y / x')
  Div: {
    shape: both,
    vjp: [(c) => div(c, c.g(), c.x(1)), (c) => neg(c, div(c, mul(c, c.g(), c.y()), c.x(1)))],
  },
  // y = x^n, n a constant number:  g n x^(n - 1)
  Pow: {
    shape: power,
    vjp: [(c) => mul(c, c.g(), k(c, exponent(c)), c.emit.op("Pow", [c.x(0), k(c, exponent(c) - 1)]))],
  },
  // y = -x:  -g
  Neg: { shape: same, vjp: [(c) => neg(c, c.g())] },
  // y = 1 / x:  -g y^2
  Reciprocal: { shape: same, vjp: [(c) => neg(c, mul(c, c.g(), c.y(), c.y()))] },
  // y = sqrt(x):  g / 2y
  Sqrt: { shape: same, vjp: [(c) => div(c, mul(c, c.g(), k(c, 0.5)), c.y())] },
  // y = e^x:  g y
  Exp: { shape: same, vjp: [(c) => mul(c, c.g(), c.y())] },
  // y = x:  g
  Identity: { shape: same, vjp: [(c) => c.g()] },
  // y = x, since half-precision tensors are float32 in the emitted graph:  g
  Cast: { shape: floatCast, forward: (c) => c.x(0), vjp: [(c) => c.g()] },
};

const FLOATS: readonly number[] = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];

function floatCast(c: ShapeContext): Shape[] {
  if (FLOATS.includes(intAttribute(c.node, "to", 0))) return [c.shape(0)];
  throw new RangeError("a cast to whole numbers, which has no derivative");
}

function power(c: ShapeContext): Shape[] {
  exponent(c);
  return [c.shape(0)];
}

function exponent(c: Pick<ShapeContext, "numbers">): number {
  const [n, ...others] = c.numbers(1);
  if (n === undefined || others.length > 0) throw new RangeError("a power whose exponent is not one number");
  return n;
}
