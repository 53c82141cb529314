import { floatAttribute, intAttribute } from "../../graph/attributes.js";
import { isTransposed } from "../../graph/patterns/linear.js";
import { timesBnb4 } from "../bnb4Weight.js";
import { timesQuantised } from "../quantisedProduct.js";
import type { RuleContext, RuleTable, Shape, ShapeContext } from "../rule.js";
import { width } from "./notation.js";

/** Linear layers: the weight is constant and is read where it lies, never transposed into a copy. */
export const linear: RuleTable = {
  // y = x W, W [in, out]:  g W'
  MatMul: {
    shape: product,
    vjp: [(c) => byRows(c, (rows) => c.emit.op("Gemm", [rows, c.x(1)], { transB: 1n }))],
  },
  // y = a x W + b c, W [in, out] or transposed:  a g W'
  Gemm: {
    shape: gemmShape,
    forward: (c) => {
      const rows = c.emit.op("Reshape", [c.x(0), c.emit.ints(-1, width(c.shape(0)))]);
      const inputs = [rows, c.x(1), ...(c.node.input[2] ? [c.x(2)] : [])];
      const y = c.emit.name("Gemm");
      c.emit.copy(c.node, inputs, [y]);
      return c.emit.op("Unsqueeze", [y, c.emit.ints(0)]);
    },
    vjp: [
      (c) =>
        byRows(c, (rows) =>
          c.emit.op("Gemm", [rows, c.x(1)], {
            transB: isTransposed(c.node) ? 0n : 1n,
            alpha: floatAttribute(c.node, "alpha", 1),
          }),
        ),
    ],
  },
  // y = x W', W [out, in] in 4 or 8 bits:  g W, W dequantised
  "com.microsoft:MatMulNBits": {
    shape: quantisedProduct,
    vjp: [(c) => byRows(c, (rows) => timesQuantised(c, rows))],
  },
  // The same in bitsandbytes' 4 bits.
  "com.microsoft:MatMulBnb4": {
    shape: quantisedProduct,
    vjp: [(c) => byRows(c, (rows) => timesBnb4(c, rows))],
  },
};

function gemmShape(c: ShapeContext): Shape[] {
  const weight = c.shape(1);
  if (weight.length !== 2) throw new RangeError("its second operand is no constant matrix");
  if (intAttribute(c.node, "transA", 0) !== 0) throw new RangeError("its first operand is transposed");
  return [[...c.shape(0).slice(0, -1), (isTransposed(c.node) ? weight[0] : weight[1]) ?? 1]];
}

function product(c: ShapeContext): Shape[] {
  const weight = c.shape(1);
  if (weight.length !== 2) throw new RangeError("its second operand is no constant matrix");
  return [[...c.shape(0).slice(0, -1), width(weight)]];
}

function quantisedProduct(c: ShapeContext): Shape[] {
  return [[...c.shape(0).slice(0, -1), intAttribute(c.node, "N", 0)]];
}

/** g times a matrix, as one Gemm over the rows: Gemm can read the weight transposed, MatMul cannot. */
function byRows(c: RuleContext, product: (rows: string) => string): string {
  const rows = c.emit.op("Reshape", [c.g(), c.emit.ints(-1, width(c.outputShape()))]);
  return c.emit.op("Reshape", [product(rows), c.emit.ints(1, -1, width(c.shape(0)))]);
}
