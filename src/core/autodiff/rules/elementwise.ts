import { TensorProto_DataType as DataType } from "onnx-buf";
import { intAttribute } from "../../graph/attributes.js";
import { broadcast, type RuleContext, type RuleTable, type ShapeContext } from "../rule.js";

const same = (c: ShapeContext) => [c.shape(0)];
const both = (c: ShapeContext) => [broadcast(c.shape(0), c.shape(1))];
const mul = (c: RuleContext, a: string, b: string) => c.emit.op("Mul", [a, b]);
const div = (c: RuleContext, a: string, b: string) => c.emit.op("Div", [a, b]);
const neg = (c: RuleContext, a: string) => c.emit.op("Neg", [a]);
const half = (c: RuleContext) => c.emit.scalar(0.5);

/** Arithmetic, element by element; x, x' are the inputs, y the output, g the gradient of the output. */
export const elementwise: RuleTable = {
  // y = x + x'
  Add: { shape: both, vjp: [(c) => c.g(), (c) => c.g()] },
  // y = x - x'
  Sub: { shape: both, vjp: [(c) => c.g(), (c) => neg(c, c.g())] },
  // y = x x':  (g x', g x)
  Mul: { shape: both, vjp: [(c) => mul(c, c.g(), c.x(1)), (c) => mul(c, c.g(), c.x(0))] },
  // y = x / x':  (g / x', -g y / x')
  Div: {
    shape: both,
    vjp: [(c) => div(c, c.g(), c.x(1)), (c) => neg(c, div(c, mul(c, c.g(), c.y()), c.x(1)))],
  },
  // y = x^x', x' constant:  g x' x^(x' - 1)
  Pow: {
    shape: both,
    vjp: [
      (c) =>
        mul(
          c,
          c.g(),
          mul(c, c.x(1), c.emit.op("Pow", [c.x(0), c.emit.op("Sub", [c.x(1), c.emit.scalar(1)])])),
        ),
    ],
  },
  // y = -x
  Neg: { shape: same, vjp: [(c) => neg(c, c.g())] },
  // y = 1 / x:  -g y^2
  Reciprocal: { shape: same, vjp: [(c) => neg(c, mul(c, c.g(), mul(c, c.y(), c.y())))] },
  // y = sqrt(x):  g / 2y
  Sqrt: { shape: same, vjp: [(c) => div(c, mul(c, c.g(), half(c)), c.y())] },
  // y = e^x:  g y
  Exp: { shape: same, vjp: [(c) => mul(c, c.g(), c.y())] },
  // y = x: exact and half-precision tensors alike are float32 in the emitted graph
  Identity: { shape: same, vjp: [(c) => c.g()] },
  Cast: { shape: floatCast, vjp: [(c) => c.g()] },
};

const FLOATS: readonly number[] = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];

function floatCast(c: ShapeContext) {
  if (!FLOATS.includes(intAttribute(c.node, "to", 0)))
    throw new RangeError("a cast to whole numbers, which has no derivative");
  return [c.shape(0)];
}
