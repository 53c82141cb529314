import { clone } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, TensorProtoSchema, type TensorProto } from "onnx-buf";
import { intAttribute } from "../graph/attributes.js";
import type { Graph } from "../graph/graph.js";
import { tensorNumbers, type ModelFolder } from "../onnx/index.js";
import type { Emitter } from "./emitter.js";

const OTHER_FLOATS: readonly number[] = [DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];

/**
 * Brings constants of the decoder into the emitted graph: by reference to their bytes, and as float32 whatever
 * the weights are (the cast runs in the graph, so half-precision weights are not copied).
 */
export class Constants {
  /** Names in the emitted graph of constants used as float32. */
  private readonly names = new Map<string, string>();
  /** Constants computed from others, whose nodes were copied. */
  private readonly computed = new Set<string>();

  constructor(
    private readonly graph: Graph,
    private readonly folder: ModelFolder,
    private readonly emit: Emitter,
  ) {}

  /** Name of the constant in the emitted graph; floats are float32 there. */
  import(tensor: string): string {
    const known = this.names.get(tensor);
    if (known !== undefined) return known;
    const name = this.asFloat32(tensor, this.importRaw(tensor));
    this.names.set(tensor, name);
    return name;
  }

  /** Slices `ids` (int64 [K]) of a constant along an axis, cut out before the cast to float32. */
  gather(tensor: string, ids: string, axis: bigint): string {
    return this.asFloat32(tensor, this.emit.op("Gather", [this.importRaw(tensor), ids], { axis }));
  }

  /** The constant as it lies in the file, or null when it is computed from others. */
  tensor(tensor: string): TensorProto | null {
    return this.graph.initializers.get(tensor) ?? null;
  }

  /** The numbers of a (small) constant; throws when it is computed from others. */
  numbers(tensor: string): number[] {
    const proto = this.tensor(tensor);
    if (!proto) throw new RangeError(`"${tensor}" is not a plain constant`);
    return [...tensorNumbers(this.folder, proto).values];
  }

  private importRaw(tensor: string): string {
    const proto = this.tensor(tensor);
    if (proto) return this.emit.tensor(Object.assign(clone(TensorProtoSchema, proto), { name: tensor }));
    const node = this.graph.producer(tensor);
    if (!node) throw new RangeError(`"${tensor}" is no constant`);
    if (this.computed.has(tensor)) return tensor;
    for (const name of node.output) this.computed.add(name);
    const inputs = node.input.map((name) => (name ? this.importRaw(name) : ""));
    this.emit.copy(node, inputs, node.output);
    return tensor;
  }

  private asFloat32(tensor: string, value: string): string {
    if (!OTHER_FLOATS.includes(this.elementType(tensor))) return value;
    return this.emit.op("Cast", [value], { to: BigInt(DataType.FLOAT) });
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
