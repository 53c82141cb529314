import type { Constants } from "./constants.js";
import type { Emitter } from "./emitter.js";
import type { RowProgram } from "./rowProgram.js";
import type { RuleContext, Shape } from "./rule.js";

/**
 * Reverse mode: emits the gradient with respect to the program's start, given the gradient `seed` with respect
 * to its end. Walks the steps backwards, applies each operator's rule, sums what arrives at one tensor and
 * sums broadcast axes back.
 * @returns name of the gradient, with the shape of the start
 */
export function differentiate(
  program: RowProgram,
  constants: Constants,
  emit: Emitter,
  seed: string,
): string {
  const gradients = new Map([[program.end, seed]]);
  const wanted = new Set([program.start, ...program.steps.flatMap(({ node }) => node.output)]);
  for (const { node, rule } of program.steps.toReversed()) {
    if (!node.output.some((name) => gradients.has(name))) continue;
    const outputGradient = (i: number): string =>
      gradients.get(node.output[i] ?? "") ??
      emit.op("Mul", [program.value(node.output[i] ?? ""), emit.scalar(0)]);
    const context: RuleContext = {
      node,
      emit,
      x: (i) => program.value(node.input[i] ?? ""),
      y: () => program.value(node.output[0] ?? ""),
      g: (i = 0) => outputGradient(i),
      shape: (i) => program.shape(node.input[i] ?? ""),
      outputShape: (i = 0) => program.shape(node.output[i] ?? ""),
      numbers: (i) => constants.numbers(node.input[i] ?? ""),
      tensor: (i) => (node.input[i] ? constants.tensor(node.input[i]) : null),
    };
    node.input.forEach((input, i) => {
      if (!wanted.has(input)) return;
      const vjp = rule.vjp[i];
      if (!vjp) throw new RangeError(`${node.opType} (node ${node.name}) has no derivative for input ${i}`);
      const gradient = sumTo(emit, vjp(context), program.shape(node.output[0] ?? ""), program.shape(input));
      const sofar = gradients.get(input);
      gradients.set(input, sofar === undefined ? gradient : emit.op("Add", [sofar, gradient]));
    });
  }
  return gradients.get(program.start) ?? emit.op("Mul", [program.value(program.start), emit.scalar(0)]);
}

/** The adjoint of broadcasting: sums over the axes along which `to` was stretched. */
function sumTo(emit: Emitter, gradient: string, from: Shape, to: Shape): string {
  const offset = from.length - to.length;
  if (offset !== 0 || from.length === 0) return gradient;
  const stretched = from.flatMap((size, axis) => (size !== 1 && to[axis] === 1 ? [axis] : []));
  return stretched.length === 0
    ? gradient
    : emit.op("ReduceSum", [gradient, emit.ints(...stretched)], { keepdims: 1n });
}
