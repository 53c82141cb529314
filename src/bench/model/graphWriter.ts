import { makeAttribute, type AttributeValue } from "../../core/graph/attributes.js";
import { tensorInfo } from "../../core/instrument/tensorInfo.js";
import {
  create,
  GraphProtoSchema,
  makeTensor,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  writeModel,
  DataType,
  type TensorProto,
} from "../../core/onnx/index.js";
import type { RandomValues } from "./randomWeights.js";
import { BLOCK, type MatrixValues } from "./weightPieces.js";
import type { WeightStore } from "./weightStore.js";

type Attributes = Readonly<Record<string, AttributeValue>>;
type Dims = readonly (number | string)[];

/** Writes a graph as hub files have it: nodes named after their places, weights as external data. */
export class GraphWriter {
  private readonly graph = create(GraphProtoSchema, { name: "bench" });
  private readonly constants = new Map<string, TensorProto>();
  /** Activations whose codes are there. */
  private readonly quantised = new Set<string>();

  constructor(readonly weights: WeightStore) {}

  /** Adds a node; an operator of another domain than ONNX's own is written `domain:Operator`. */
  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
  ): void {
    const [opType = "", domain = ""] = operator.split(":").reverse();
    const attribute = Object.entries(attributes).map(([name, value]) => makeAttribute(name, value));
    const name = (outputs[0] ?? "").replace(/\/output_0$/, "");
    this.graph.node.push(
      create(NodeProtoSchema, { name, opType, domain, input: [...inputs], output: [...outputs], attribute }),
    );
  }

  /** Adds a node called `place` with one output, and returns the output's name. */
  op(operator: string, place: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = `${place}/output_0`;
    this.node(operator, inputs, [output], attributes);
    return output;
  }

  /**
   * A linear layer without bias: MatMul; where weights are quantised MatMulNBits (4 bits), or what ONNX Runtime's
   * dynamic quantisation writes (8 bits).
   * @param values the weight's values [inputs, outputs]; by default random ones of the layer's own
   */
  linear(
    place: string,
    x: string,
    [rows, columns]: readonly [number, number],
    values?: RandomValues,
  ): string {
    const output = place === "/lm_head" ? "logits" : `${place}/MatMul/output_0`;
    const weight = weightName(place);
    const source = values ?? this.weights.layerValues(weight, rows);
    const matrix = { rows, columns, values: source };
    switch (this.weights.dtype) {
      case "q4":
      case "q4f16":
        return this.blockedProduct(output, x, weight, matrix);
      case "q8":
        return this.dynamicProduct(output, x, weight, matrix);
      case "fp32":
      case "fp16":
        this.node("MatMul", [x, this.weights.tensor(weight, [rows, columns], source)], [output]);
        return output;
    }
  }

  /** A linear layer whose outputs are smaller than its inputs by `gain`. */
  scaledLinear(place: string, x: string, size: readonly [number, number], gain: number): string {
    return this.linear(place, x, size, this.weights.layerValues(weightName(place), size[0], gain));
  }

  /** A constant number of the weights' type in the graph itself; a name given again is the same constant. */
  scalar(name: string, value: number): string {
    return this.constant(name, this.weights.float, [], [value]);
  }

  /** The same in float32, whatever the weights are. */
  float(name: string, value: number): string {
    return this.constant(name, DataType.FLOAT, [], [value]);
  }

  /** An int64 constant in the graph itself; a name given again is the same constant. */
  ints(name: string, dims: readonly number[], values: readonly number[]): string {
    return this.constant(name, DataType.INT64, dims, values);
  }

  input(name: string, dims: Dims, type = this.weights.float): string {
    this.graph.input.push(tensorInfo(name, type, dims));
    return name;
  }

  output(name: string, dims: Dims, type = this.weights.float): string {
    this.graph.output.push(tensorInfo(name, type, dims));
    return name;
  }

  /** The encoded model. */
  finish(): Uint8Array {
    this.graph.initializer.push(...this.constants.values(), ...this.weights.initializers);
    const opset = (domain: string, version: bigint) => create(OperatorSetIdProtoSchema, { domain, version });
    return writeModel(
      create(ModelProtoSchema, {
        irVersion: 10n,
        producerName: "dexar bench",
        graph: this.graph,
        opsetImport: [opset("", 21n), opset("com.microsoft", 1n)],
      }),
    );
  }

  private blockedProduct(output: string, x: string, weight: string, matrix: MatrixValues): string {
    const sizes = { K: matrix.rows, N: matrix.columns, bits: 4, block_size: BLOCK };
    const attributes = Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, BigInt(size)]));
    this.node(
      "com.microsoft:MatMulNBits",
      [x, ...this.weights.blocked(weight, matrix)],
      [output],
      attributes,
    );
    return output;
  }

  /** Activations are quantised once for all layers that read them. */
  private dynamicProduct(output: string, x: string, weight: string, matrix: MatrixValues): string {
    const activation = [`${x}_quantized`, `${x}_scale`, `${x}_zero_point`];
    const [codesOfX = "", scaleOfX = "", zeroOfX = ""] = activation;
    if (!this.quantised.has(x)) this.node("DynamicQuantizeLinear", [x], activation);
    this.quantised.add(x);
    const [codes, scale, zero] = this.weights.bytes(weight, matrix);
    const names = ["output_quantized", "output_quantized_cast_output", "quant_scales_mul"];
    const [product = "", cast = "", scales = ""] = names.map((name) => `${output}_${name}`);
    this.node("MatMulInteger", [codesOfX, codes, zeroOfX, zero], [product]);
    this.node("Cast", [product], [cast], { to: BigInt(DataType.FLOAT) });
    this.node("Mul", [scaleOfX, scale], [scales]);
    this.node("Mul", [cast, scales], [output]);
    return output;
  }

  private constant(name: string, type: DataType, dims: readonly number[], values: readonly number[]): string {
    if (!this.constants.has(name)) this.constants.set(name, makeTensor(name, type, dims, values));
    return name;
  }
}

/** `/model/layers.0/mlp/up_proj` to `model.layers.0.mlp.up_proj.weight`. */
function weightName(place: string): string {
  return `${place.slice(1).replaceAll("/", ".")}.weight`;
}
