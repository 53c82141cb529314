import { intAttribute } from "../../graph/attributes.js";
import { dequantisedWeight } from "../quantisedWeight.js";
import type { RuleContext, RuleTable, Shape } from "../rule.js";

/** Linear layers: the weight is constant and is read where it lies, never transposed into a copy. */
export const linear: RuleTable = {
  // y = x W, W [in, out]:  g W'
  MatMul: {
    shape: (c) => {
      const [input, weight] = [c.shape(0), c.shape(1)];
      if (weight.length !== 2) throw new RangeError("a product of two activations");
      return [[...input.slice(0, -1), weight[1] as number]];
    },
    vjp: [(c) => rowsTimes(c, c.x(1), true)],
  },
  // y = x W', W [out, in] in 4 or 8 bits:  g W, W dequantised
  "com.microsoft:MatMulNBits": {
    shape: (c) => [[...c.shape(0).slice(0, -1), intAttribute(c.node, "N", 0)]],
    vjp: [(c) => rowsTimes(c, dequantisedWeight(c), false)],
  },
};

/** g times a matrix, as one Gemm over the rows: Gemm can read the weight transposed, MatMul cannot. */
function rowsTimes(c: RuleContext, weight: string, transposed: boolean): string {
  const width = (shape: Shape) => shape[shape.length - 1] as number;
  const rows = c.emit.op("Reshape", [c.g(), c.emit.ints(-1, width(c.outputShape()))]);
  const product = c.emit.op("Gemm", [rows, weight], transposed ? { transB: 1n } : {});
  return c.emit.op("Reshape", [product, c.emit.ints(1, -1, width(c.shape(0)))]);
}
