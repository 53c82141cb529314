import { makeAttribute, type AttributeValue } from "../../src/core/graph/attributes.js";
import { tensorInfo } from "../../src/core/instrument/tensorInfo.js";
import {
  create,
  DataType,
  GraphProtoSchema,
  makeTensor,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type GraphProto,
  type ModelProto,
} from "../../src/core/onnx/index.js";
import { seededRandom } from "./randomAttributionInput.js";

type Attributes = Readonly<Record<string, AttributeValue>>;
type Dims = readonly (number | string)[];

/** Writes small ONNX graphs for tests; a tensor is its name. `domain:Operator` chooses another domain. */
export class GraphBuilder {
  readonly graph: GraphProto = create(GraphProtoSchema, { name: "test" });
  private readonly random: () => number;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  /** Adds a node with one output, named `output` (or after the operator and its place). */
  op(operator: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    const name = output ?? `${operator.replace(/^.*:/, "")}_${this.graph.node.length}`;
    this.node(operator, inputs, [name], attributes);
    return name;
  }

  /** Adds a node; it is named after its first output. */
  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
  ): void {
    const [, domain = "", opType = ""] = /^(?:(.*):)?(.*)$/.exec(operator) ?? [];
    const attribute = Object.entries(attributes).map(([name, value]) => makeAttribute(name, value));
    const name = `node:${outputs[0] ?? ""}`;
    this.graph.node.push(
      create(NodeProtoSchema, { name, opType, domain, input: [...inputs], output: [...outputs], attribute }),
    );
  }

  /** Random floats in (-1, 1). */
  randomValues(count: number): number[] {
    return Array.from({ length: count }, () => 2 * this.random() - 1);
  }

  /** A constant; without values, random floats in (-1, 1). */
  constant(name: string, dims: readonly number[], values?: readonly number[], type = DataType.FLOAT): string {
    const data = values ?? this.randomValues(dims.reduce((a, b) => a * b, 1));
    this.graph.initializer.push(makeTensor(name, type, dims, [...data]));
    return name;
  }

  /** A constant of bytes, random when not given. */
  bytes(name: string, dims: readonly number[], values?: readonly number[]): string {
    const count = dims.reduce((a, b) => a * b, 1);
    const data = values ?? Array.from({ length: count }, () => Math.floor(256 * this.random()));
    return this.constant(name, dims, data, DataType.UINT8);
  }

  /** An int64 vector, written once for each list of values. */
  ints(...values: readonly number[]): string {
    const name = `ints_${values.join("_")}`;
    if (this.graph.initializer.some((t) => t.name === name)) return name;
    return this.constant(name, [values.length], values, DataType.INT64);
  }

  /** A float scalar, written once for each value. */
  scalar(value: number): string {
    const name = `scalar_${value}`;
    if (this.graph.initializer.some((t) => t.name === name)) return name;
    return this.constant(name, [], [value]);
  }

  input(name: string, dims: Dims, type = DataType.FLOAT): string {
    this.graph.input.push(tensorInfo(name, type, dims));
    return name;
  }

  output(name: string, dims: Dims, type = DataType.FLOAT): string {
    this.graph.output.push(tensorInfo(name, type, dims));
    return name;
  }

  /** A model of the graph so far. */
  model(opset = 21): ModelProto {
    const domain = (name: string, version: number) =>
      create(OperatorSetIdProtoSchema, { domain: name, version: BigInt(version) });
    return create(ModelProtoSchema, {
      irVersion: 10n,
      graph: this.graph,
      opsetImport: [domain("", opset), domain("com.microsoft", 1)],
    });
  }
}
