import { clone } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { intAttribute } from "../graph/attributes.js";
import type { Graph } from "../graph/graph.js";
import { tensorNumbers, type ModelFolder } from "../onnx/index.js";
import type { Emitter } from "./emitter.js";

const NARROW_FLOATS: readonly number[] = [DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];

/**
 * Brings constants of the decoder into the emitted graph: by reference to their bytes, and as float32 whatever
 * the weights are (the cast runs in the graph, so half-precision weights are not copied).
 */
export class Constants {
  private readonly names = new Map<string, string>();
  private readonly computed = new Set<string>();

  constructor(
    private readonly graph: Graph,
    private readonly folder: ModelFolder,
    private readonly emit: Emitter,
  ) {}

  /** Name of the constant in the emitted graph. */
  import(tensor: string): string {
    const known = this.names.get(tensor);
    if (known !== undefined) return known;
    const raw = this.importRaw(tensor);
    const narrow = NARROW_FLOATS.includes(this.elementType(tensor));
    const name = narrow ? this.emit.op("Cast", [raw], { to: BigInt(DataType.FLOAT) }) : raw;
    this.names.set(tensor, name);
    return name;
  }

  private importRaw(tensor: string): string {
    const proto = this.tensor(tensor);
    if (proto) return this.emit.tensor(Object.assign(clone(TensorProtoSchema, proto), { name: tensor }));
    if (this.computed.has(tensor)) return tensor;
    const node = this.graph.producer(tensor) as NodeProto;
    for (const name of node.output) this.computed.add(name);
    this.emit.copy(
      node,
      node.input.map((name) => (name ? this.importRaw(name) : "")),
      node.output,
    );
    return tensor;
  }

  /** The constant as it lies in the file, or null when it is computed from others. */
  tensor(tensor: string): TensorProto | null {
    const node = this.graph.producer(tensor);
    const value = node?.opType === "Constant" ? node.attribute.find((a) => a.name === "value")?.t : undefined;
    return this.graph.initializers.get(tensor) ?? value ?? null;
  }

  /** The numbers of a (small) constant. */
  numbers(tensor: string): number[] {
    const proto = this.tensor(tensor);
    if (!proto) throw new RangeError(`"${tensor}" is not a plain constant`);
    return [...tensorNumbers(this.folder, proto).values];
  }

  private elementType(tensor: string): number {
    const proto = this.tensor(tensor);
    if (proto) return proto.dataType;
    const node = this.graph.producer(tensor);
    if (!node) return DataType.UNDEFINED;
    if (node.opType === "Cast") return intAttribute(node, "to", DataType.FLOAT);
    return this.elementType(node.input[node.opType === "DequantizeLinear" ? 1 : 0] ?? "");
  }
}
