import { makeAttribute } from "../../src/core/graph/attributes.js";
import {
  clone,
  create,
  DataType,
  makeTensor,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  tensorNumbers,
  type ModelProto,
  type TensorProto,
} from "../../src/core/onnx/index.js";
import { memoryFolder } from "./memoryFolder.js";

/** What the codes of NF4 stand for. */
const NF4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
  -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
  0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];
const BLOCK = 32;

/** A model in two forms that are the same function. */
export interface Bnb4Model {
  /** As ONNX Runtime's `matmul_bnb4_quantizer` writes it. */
  readonly quantised: ModelProto;
  /** With the weights that the codes stand for, in float32. */
  readonly dequantised: ModelProto;
}

/** Quantises every product with a constant matrix to NF4 in blocks of 32. Weights must lie in the graph. */
export function quantiseBnb4(model: ModelProto): Bnb4Model {
  const [quantised, dequantised] = [clone(ModelProtoSchema, model), clone(ModelProtoSchema, model)];
  const matrices = new Map(
    (model.graph?.initializer ?? []).filter(isMatrix).map((t) => [t.name, codesOf(t)]),
  );
  const used = new Set<string>();
  for (const node of quantised.graph?.node ?? []) {
    const coded = node.opType === "MatMul" ? matrices.get(node.input[1] ?? "") : undefined;
    if (!coded) continue;
    used.add(node.input[1] ?? "");
    const [K, N] = coded.dims;
    const attributes = { K, N, block_size: BLOCK, quant_type: 1 };
    const { name, input, output } = node;
    Object.assign(
      node,
      create(NodeProtoSchema, {
        ...{ name, opType: "MatMulBnb4", domain: "com.microsoft", output },
        input: [input[0] ?? "", ...coded.tensors.map((t) => t.name)],
        attribute: Object.entries(attributes).map(([key, value]) => makeAttribute(key, BigInt(value))),
      }),
    );
  }
  const plain = dequantised.graph?.initializer ?? [];
  for (const weight of used) {
    const coded = matrices.get(weight);
    if (!coded) continue;
    quantised.graph?.initializer.push(...coded.tensors);
    plain.splice(
      plain.findIndex((t) => t.name === weight),
      1,
      coded.plain,
    );
  }
  if (quantised.graph)
    quantised.graph.initializer = quantised.graph.initializer.filter((t) => !used.has(t.name));
  const domain = "com.microsoft";
  if (!quantised.opsetImport.some((set) => set.domain === domain))
    quantised.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
  return { quantised, dequantised };
}

function isMatrix(tensor: TensorProto): boolean {
  return tensor.dataType === DataType.FLOAT && tensor.dims.length === 2;
}

/** Codes of the weight's transpose in one row, the high half of a byte first, and each block's largest value. */
function codesOf(weight: TensorProto) {
  const { dims, values } = tensorNumbers(memoryFolder({}), weight);
  const [K = 0, N = 0] = dims;
  const turned = Array.from({ length: K * N }, (_, i) => Number(values[(i % K) * N + Math.floor(i / K)]));
  const largest = Array.from({ length: Math.ceil((K * N) / BLOCK) }, (_, block) =>
    Math.max(...turned.slice(block * BLOCK, (block + 1) * BLOCK).map(Math.abs), Number.MIN_VALUE),
  );
  const scale = (i: number) => largest[Math.floor(i / BLOCK)] ?? 1;
  const codes = turned.map((value, i) => nearest(value / scale(i)));
  const bytes = Array.from(
    { length: (K * N) / 2 },
    (_, i) => 16 * (codes[2 * i] ?? 0) + (codes[2 * i + 1] ?? 0),
  );
  const plain = Array.from({ length: K * N }, (_, i) => {
    const at = (i % N) * K + Math.floor(i / N);
    return (NF4[codes[at] ?? 0] ?? 0) * scale(at);
  });
  return {
    dims: [K, N] as const,
    tensors: [
      makeTensor(`${weight.name}_Bnb4`, DataType.UINT8, [bytes.length], bytes),
      makeTensor(`${weight.name}_absmax`, DataType.FLOAT, [largest.length], largest),
    ],
    plain: makeTensor(weight.name, DataType.FLOAT, [K, N], plain),
  };
}

function nearest(value: number): number {
  const off = NF4.map((code) => Math.abs(code - value));
  return off.indexOf(Math.min(...off));
}
