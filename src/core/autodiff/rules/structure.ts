import { intAttribute } from "../../graph/attributes.js";
import type { RuleContext, RuleTable, Shape, ShapeContext } from "../rule.js";
import { div, isLastAxis, k, width } from "./notation.js";

/** Reductions and splits over the last axis, the only one that does not mix rows, and reshapes that leave it alone. */
export const structure: RuleTable = {
  // y = mean(x), axis kept:  g / n for each of the n elements
  ReduceMean: { shape: reduced, vjp: [(c) => spread(c, div(c, c.g(), k(c, width(c.shape(0)))))] },
  // y = sum(x), axis kept:  g for each element
  ReduceSum: { shape: reduced, vjp: [(c) => spread(c, c.g())] },
  // y = x with its rows on other axes; here every tensor is [1, rows, width]:  g
  Reshape: { shape: sameRows, forward: (c) => c.x(0), vjp: [(c) => c.g()] },
  // y, y', … = parts of x:  g, g', … joined
  Split: {
    shape: parts,
    vjp: [
      (c) =>
        c.emit.op(
          "Concat",
          c.node.output.map((_, i) => c.g(i)),
          { axis: -1n },
        ),
    ],
  },
};

function sameRows(c: ShapeContext): Shape[] {
  if (c.lastNumber(1) === width(c.shape(0))) return [c.shape(0)];
  throw new RangeError("a reshape that does not keep the last axis, or does not say its size");
}

function reduced(c: ShapeContext): Shape[] {
  const axes = c.node.input[1] ? c.numbers(1) : [];
  const lastOnly = axes.length === 1 && axes.every((axis) => isLastAxis(axis, c.shape(0)));
  if (!lastOnly || intAttribute(c.node, "keepdims", 1) !== 1) {
    throw new RangeError("a reduction over other axes than the last, or one that drops the axis");
  }
  return [withWidth(c.shape(0), 1)];
}

/** A size-1 last axis becomes the input's width again. */
function spread(c: RuleContext, gradient: string): string {
  return c.emit.op("Expand", [gradient, c.emit.ints(1, 1, width(c.shape(0)))]);
}

function parts(c: ShapeContext): Shape[] {
  const x = c.shape(0);
  if (!isLastAxis(intAttribute(c.node, "axis", 0), x))
    throw new RangeError("a split over another axis than the last");
  const equal = () => c.node.output.map(() => width(x) / c.node.output.length);
  return (c.node.input[1] ? c.numbers(1) : equal()).map((size) => withWidth(x, size));
}

function withWidth(shape: Shape, size: number): Shape {
  return [...shape.slice(0, -1), size];
}
