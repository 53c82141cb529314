import { intAttribute } from "../../graph/attributes.js";
import type { RuleContext, RuleTable, Shape, ShapeContext } from "../rule.js";

/** Reductions, splits and joins over the last axis, the only one that does not mix rows. */
export const structure: RuleTable = {
  // y = mean(x), axis kept:  g / n, spread by broadcasting
  ReduceMean: {
    shape: (c) => [reduced(c)],
    vjp: [(c) => spread(c, c.emit.op("Div", [c.g(), c.emit.scalar(last(c.shape(0)))]))],
  },
  // y = sum(x), axis kept:  g, spread by broadcasting
  ReduceSum: { shape: (c) => [reduced(c)], vjp: [(c) => spread(c, c.g())] },
  // y, y', … = parts of x:  the gradients joined
  Split: {
    shape: (c) => splitSizes(c).map((size) => [...c.shape(0).slice(0, -1), size]),
    vjp: [
      (c) =>
        c.emit.op(
          "Concat",
          splitSizes(c).map((_, i) => c.g(i)),
          { axis: -1n },
        ),
    ],
  },
};

function last(shape: Shape): number {
  return shape[shape.length - 1] ?? 1;
}

function isLastAxis(axis: number, shape: Shape): boolean {
  return axis === -1 || axis === shape.length - 1;
}

function reduced(c: ShapeContext): Shape {
  const axes = c.numbers(1);
  const [axis] = axes;
  if (
    axes.length !== 1 ||
    axis === undefined ||
    !isLastAxis(axis, c.shape(0)) ||
    intAttribute(c.node, "keepdims", 1) !== 1
  ) {
    throw new RangeError("a reduction over other axes than the last, or one that drops the axis");
  }
  return [...c.shape(0).slice(0, -1), 1];
}

/** A size-1 last axis becomes the input's width again. */
function spread(c: RuleContext, gradient: string): string {
  return c.emit.op("Expand", [gradient, c.emit.ints(1, 1, last(c.shape(0)))]);
}

function splitSizes(c: ShapeContext): readonly number[] {
  if (!isLastAxis(intAttribute(c.node, "axis", 0), c.shape(0)))
    throw new RangeError("a split over another axis than the last");
  if (c.node.input[1]) return c.numbers(1);
  const parts = c.node.output.length;
  return Array.from({ length: parts }, () => last(c.shape(0)) / parts);
}
