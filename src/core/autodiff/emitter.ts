import { create } from "@bufbuild/protobuf";
import {
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { makeTensor } from "../onnx/index.js";
import { makeAttribute, type AttributeValue } from "../graph/attributes.js";

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Writes a graph node by node (default domain: opset 21) and gives every new tensor a name of its own. */
export class Emitter {
  readonly nodes: NodeProto[] = [];
  readonly initializers = new Map<string, TensorProto>();
  private count = 0;

  /** @param device whose fast kernels are preferred where the same result can be written in two ways */
  constructor(readonly device: "cpu" | "webgpu" = "cpu") {}

  /** Adds an operator with one output and returns the output's name. */
  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, domain = ""): string {
    return this.ops(opType, inputs, 1, attributes, domain)[0] as string;
  }

  /** Adds an operator with `outputs` outputs and returns their names. */
  ops(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Attributes = {},
    domain = "",
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.name(opType));
    this.node(opType, inputs, names, attributes, domain);
    return names;
  }

  /** A tensor name not used before. */
  name(hint: string): string {
    return `dexar/${hint}_${this.count++}`;
  }

  /** Adds an operator whose outputs have given names. */
  node(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
    domain = "",
  ): void {
    const attribute = Object.entries(attributes).map(([name, value]) => makeAttribute(name, value));
    const name = outputs[0] ?? opType;
    this.nodes.push(
      create(NodeProtoSchema, { opType, domain, name, input: [...inputs], output: [...outputs], attribute }),
    );
  }

  /** A copy of an existing node with new inputs and outputs. */
  copy(
    node: NodeProto,
    inputs: readonly string[],
    outputs: readonly string[],
    attribute = node.attribute,
  ): void {
    const { opType, domain } = node;
    this.nodes.push(
      create(NodeProtoSchema, {
        opType,
        domain,
        name: outputs[0] ?? opType,
        input: [...inputs],
        output: [...outputs],
        attribute,
      }),
    );
  }

  /** A float32 scalar constant. */
  scalar(value: number): string {
    return this.tensor(makeTensor(`dexar/scalar/${value}`, DataType.FLOAT, [], [value]));
  }

  /** An int64 vector constant. */
  ints(...values: readonly number[]): string {
    return this.tensor(makeTensor(`dexar/ints/${values.join(",")}`, DataType.INT64, [values.length], values));
  }

  /** Adds an initializer once; the same name is the same tensor. */
  tensor(tensor: TensorProto): string {
    if (!this.initializers.has(tensor.name)) this.initializers.set(tensor.name, tensor);
    return tensor.name;
  }
}
