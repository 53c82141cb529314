import type { NodeProto } from "onnx-buf";
import type { Emitter } from "./emitter.js";
import type { RowProgram, Step } from "./rowProgram.js";
import type { RuleContext, Shape } from "./rule.js";

/** Gradients by tensor of the decoder: names in the emitted graph. */
type Gradients = Map<string, string>;

/**
 * Reverse mode: emits the gradient with respect to the program's start, given the gradient `seed` with respect
 * to its end. Walks the steps backwards, applies each operator's rule, sums what arrives at one tensor and
 * sums broadcast axes back.
 * @returns name of the gradient, with the shape of the start
 */
export function differentiate(program: RowProgram, seed: string): string {
  const { emit } = program.rewriting;
  const gradients: Gradients = new Map([[program.span.end, seed]]);
  const wanted = new Set([program.span.start, ...program.steps.flatMap(({ node }) => node.output)]);
  for (const step of program.steps.toReversed()) {
    step.node.input.forEach((input, i) => {
      if (!input || !wanted.has(input)) return;
      const gradient = inputGradient(program, step, i, gradients);
      const sofar = gradients.get(input);
      gradients.set(input, sofar === undefined ? gradient : emit.op("Add", [sofar, gradient]));
    });
  }
  const result = gradients.get(program.span.start);
  if (result === undefined)
    throw new RangeError(`"${program.span.end}" does not depend on "${program.span.start}"`);
  return result;
}

/** What one operator passes on to its input `i`, in that input's shape. */
function inputGradient(program: RowProgram, { node, rule }: Step, i: number, gradients: Gradients): string {
  const vjp = rule.vjp[i];
  if (!vjp) throw program.unsupported(node, `its input ${i} depends on the attention output`);
  const gradient = vjp(ruleContext(program, node, gradients));
  const from = program.shape(node.output[0] ?? "");
  const to = program.shape(node.input[i] ?? "");
  if (to.length < from.length)
    throw program.unsupported(node, "an activation gets more axes by broadcasting");
  return sumTo(program.rewriting.emit, gradient, from, to);
}

function ruleContext(program: RowProgram, node: NodeProto, gradients: Gradients): RuleContext {
  const { emit, constants } = program.rewriting;
  const input = (i: number) => node.input[i] ?? "";
  const output = (i: number) => node.output[i] ?? "";
  return {
    node,
    emit,
    place: program.span.place,
    x: (i) => program.value(input(i)),
    y: () => program.value(output(0)),
    g: (i = 0) => gradients.get(output(i)) ?? zeros(program, output(i)),
    shape: (i) => program.shape(input(i)),
    outputShape: (i = 0) => program.shape(output(i)),
    numbers: (i) => constants.numbers(input(i)),
    tensor: (i) => (input(i) ? constants.tensor(input(i)) : null),
  };
}

/** The gradient of a tensor on which the result does not depend. */
function zeros(program: RowProgram, tensor: string): string {
  const { emit } = program.rewriting;
  return emit.op("Mul", [program.value(tensor), emit.scalar(0)]);
}

/** The adjoint of broadcasting: sums over the axes along which `to` was stretched. */
function sumTo(emit: Emitter, gradient: string, from: Shape, to: Shape): string {
  const stretched = from.flatMap((size, axis) => (size !== 1 && to[axis] === 1 ? [axis] : []));
  if (stretched.length === 0) return gradient;
  return emit.op("ReduceSum", [gradient, emit.ints(...stretched)], { keepdims: 1n });
}
