import type { NodeProto } from "../../../src/core/onnx/index.js";
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from "../../../src/core/graph/attributes.js";
import type { Tensor } from "./tensor.js";

/** One operator of the reference interpreter: all outputs of a node. */
export type Operator = (call: Call) => Tensor | readonly Tensor[];

/** What an operator sees of its node: inputs that are present, and attributes with their default. */
export class Call {
  constructor(
    readonly node: NodeProto,
    private readonly inputs: readonly (Tensor | undefined)[],
  ) {}

  x(i: number): Tensor {
    const input = this.inputs[i];
    if (!input) throw new RangeError(`${this.node.opType} needs input ${i}`);
    return input;
  }

  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  /** All inputs, for operators with any number of them. */
  all(): readonly Tensor[] {
    return this.inputs.map((_, i) => this.x(i));
  }

  /** A small integer input (axes, sizes) as numbers. */
  list(i: number): number[] {
    return [...this.x(i).data];
  }

  int(name: string, fallback: number): number {
    return intAttribute(this.node, name, fallback);
  }

  ints(name: string): number[] | null {
    return intsAttribute(this.node, name);
  }

  float(name: string, fallback: number): number {
    return floatAttribute(this.node, name, fallback);
  }

  string(name: string, fallback: string): string {
    return stringAttribute(this.node, name, fallback);
  }
}
