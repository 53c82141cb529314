import {
  clone,
  create,
  DataType,
  makeTensor,
  ModelProtoSchema,
  NodeProtoSchema,
  tensorNumbers,
  type ModelProto,
  type NodeProto,
  type TensorProto,
} from "../../src/core/onnx/index.js";
import { makeAttribute } from "../../src/core/graph/attributes.js";
import type { DynamicWeight } from "./dynamicLayer.js";
import { memoryFolder } from "./memoryFolder.js";

/** A model in two forms that are the same function, but for the rounding of activations. */
export interface DynamicModel {
  /** As ONNX Runtime's `quantize_dynamic` writes it. */
  readonly quantised: ModelProto;
  /** With the weights that the codes stand for, in float32. */
  readonly dequantised: ModelProto;
}

/**
 * Quantises every product with a constant matrix, and every table rows are looked up in, by ONNX Runtime's rules.
 * Weights must lie in the graph.
 */
export function quantiseDynamic(model: ModelProto, kind: DynamicWeight): DynamicModel {
  const [quantised, dequantised] = [clone(ModelProtoSchema, model), clone(ModelProtoSchema, model)];
  const matrices = new Map((model.graph?.initializer ?? []).filter(isMatrix).map((t) => [t.name, t]));
  const done = new Set<string>();
  const node = (quantised.graph?.node ?? []).flatMap((product) => {
    const weight = matrices.get(product.input[WEIGHT[product.opType] ?? -1] ?? "");
    if (!weight) return [product];
    const coded = codesOf(weight, kind);
    if (!done.has(weight.name)) {
      quantised.graph?.initializer.push(...coded.tensors);
      const plain = dequantised.graph?.initializer ?? [];
      plain.splice(
        plain.findIndex((t) => t.name === weight.name),
        1,
        coded.plain,
      );
    }
    done.add(weight.name);
    return product.opType === "Gather"
      ? lookupNodes(product, coded.tensors)
      : dynamicNodes(product, coded.tensors);
  });
  if (quantised.graph) {
    quantised.graph.initializer = quantised.graph.initializer.filter((t) => !done.has(t.name));
    quantised.graph.node = withoutRepeats(node);
  }
  return { quantised, dequantised };
}

/** Which input of an operator is its weight. */
const WEIGHT: Readonly<Record<string, number>> = { MatMul: 1, Gather: 0 };

function isMatrix(tensor: TensorProto): boolean {
  return tensor.dataType === DataType.FLOAT && tensor.dims.length === 2;
}

/** Codes, scale and zero point; symmetric in int8, from the least to the largest value in uint8. */
function codesOf(weight: TensorProto, kind: DynamicWeight): { tensors: TensorProto[]; plain: TensorProto } {
  const { dims, values } = tensorNumbers(memoryFolder({}), weight);
  const [rows = 0, columns = 0] = dims;
  const groups = kind === "columns" ? columns : 1;
  const range = Array.from({ length: groups }, () => [0, 0]);
  values.forEach((value, i) => {
    const [low = 0, high = 0] = range[i % groups] ?? [];
    range[i % groups] = [Math.min(low, value), Math.max(high, value)];
  });
  const scales = range.map(([low = 0, high = 0]) =>
    Math.fround(kind === "uint8" ? (high - low) / 255 : Math.max(-low, high) / 127),
  );
  const zeros = range.map(([low = 0], i) => (kind === "uint8" ? Math.round(-low / (scales[i] ?? 1)) : 0));
  const at = (list: readonly number[], i: number) => list[i % groups] ?? 0;
  const codes = Array.from(values, (value, i) => Math.round(value / at(scales, i)) + at(zeros, i));
  const plain = codes.map((code, i) => (code - at(zeros, i)) * at(scales, i));
  const type = kind === "uint8" ? DataType.UINT8 : DataType.INT8;
  const each = kind === "columns" ? [columns] : [];
  return {
    tensors: [
      makeTensor(`${weight.name}_quantized`, type, [rows, columns], codes),
      makeTensor(`${weight.name}_scale`, DataType.FLOAT, each, scales),
      makeTensor(`${weight.name}_zero_point`, type, each, zeros),
    ],
    plain: makeTensor(weight.name, DataType.FLOAT, [rows, columns], plain),
  };
}

function node(
  opType: string,
  input: readonly (string | undefined)[],
  output: string[],
  to?: bigint,
): NodeProto {
  return create(NodeProtoSchema, {
    ...{ opType, name: `${output[0] ?? ""}/${opType}`, output },
    input: input.map((name) => name ?? ""),
    attribute: to === undefined ? [] : [makeAttribute("to", to)],
  });
}

function lookupNodes(lookup: NodeProto, [codes, scale, zero]: readonly TensorProto[]): NodeProto[] {
  const [output = ""] = lookup.output;
  const rows = node("Gather", [codes?.name, lookup.input[1]], [`${output}_quantized`]);
  return [rows, node("DequantizeLinear", [...rows.output, scale?.name, zero?.name], [output])];
}

function dynamicNodes(product: NodeProto, [codes, scale, zero]: readonly TensorProto[]): NodeProto[] {
  const [x = "", output = ""] = [product.input[0], product.output[0]];
  const [whole, cast, scales] = [`${output}_quantized`, `${output}_cast`, `${output}_scales`];
  return [
    node("DynamicQuantizeLinear", [x], [`${x}_quantized`, `${x}_scale`, `${x}_zero_point`]),
    node("MatMulInteger", [`${x}_quantized`, codes?.name, `${x}_zero_point`, zero?.name], [whole]),
    node("Cast", [whole], [cast], BigInt(DataType.FLOAT)),
    node("Mul", [`${x}_scale`, scale?.name], [scales]),
    node("Mul", [cast, scales], [output]),
  ];
}

/** Several layers of one activation would quantise it each. */
function withoutRepeats(nodes: readonly NodeProto[]): NodeProto[] {
  const written = new Set<string>();
  return nodes.filter(({ output }) => {
    const fresh = !written.has(output[0] ?? "");
    written.add(output[0] ?? "");
    return fresh;
  });
}
