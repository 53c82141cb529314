import type { NodeProto, TensorProto } from "onnx-buf";
import type { Emitter } from "./emitter.js";

/** Size of the rows axis: one row per explained token, known only at run time. */
export const ROWS = -1;

/** A shape with {@link ROWS} in place of the number of rows. */
export type Shape = readonly number[];

/** What a rule sees of the operator it differentiates. Tensor names are names in the emitted graph. */
export interface RuleContext {
  readonly node: NodeProto;
  readonly emit: Emitter;
  /** Words for messages ("layer 3"). */
  readonly place: string;
  /** Value of input `i`, recomputed in the emitted graph on first use. */
  x(i: number): string;
  /** Value of the first output. */
  y(): string;
  /** Gradient of the explained logit with respect to output `i` (default 0); zeros where nothing depends on it. */
  g(i?: number): string;
  shape(i: number): Shape;
  outputShape(i?: number): Shape;
  /** Numbers of a constant input (axes, split sizes). */
  numbers(i: number): readonly number[];
  /** A constant input as it lies in the file (a reference to its bytes), or null when the input is absent. */
  tensor(i: number): TensorProto | null;
}

/** What {@link Rule.forward} sees: as in {@link RuleContext}. */
export type ForwardContext = Pick<RuleContext, "node" | "emit" | "x" | "shape">;

/** What {@link Rule.shape} sees: the operator and the shapes of its inputs. */
export interface ShapeContext {
  readonly node: NodeProto;
  shape(i: number): Shape;
  numbers(i: number): readonly number[];
  /** The last number of input `i`, also where only that is constant (a shape put together at run time); else null. */
  lastNumber(i: number): number | null;
}

/**
 * The derivative of one operator: a vector-Jacobian product per differentiable input, in input order. A rule
 * may return a gradient of the broadcast shape; the driver sums it back. Inputs without an entry (norm
 * weights, axes) must be constant.
 */
export interface Rule {
  /** Shapes of all outputs. */
  readonly shape: (c: ShapeContext) => readonly Shape[];
  /** Computes the only output again, where a copy of the operator would not do; in the emitted graph. */
  readonly forward?: (c: ForwardContext) => string;
  readonly vjp: readonly ((c: RuleContext) => string)[];
}

/** Rules by operator name (`ai.onnx`), or `domain:operator`. */
export type RuleTable = Readonly<Record<string, Rule>>;

/** Shape of an elementwise result: right-aligned, size 1 stretches. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new RangeError(`shapes [${a}] and [${b}] do not broadcast`);
    return x === 1 ? y : x;
  });
}
