import { clone } from "@bufbuild/protobuf";
import {
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";
import { intAttribute } from "../graph/attributes.js";
import type { Graph } from "../graph/graph.js";
import { constantDims } from "../graph/patterns/linear.js";
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

  /** Slices `ids` (int64 [K]) of a constant along an axis, cut out before they are dequantised or cast to float32. */
  gather(tensor: string, ids: string, axis: bigint): string {
    const slices = (name: string, along: bigint) =>
      this.emit.op("Gather", [this.importRaw(name), ids], { axis: along });
    const node = this.graph.producer(tensor);
    if (node?.opType !== "DequantizeLinear" || !this.isQuantisedAlong(node, axis)) {
      return this.asFloat32(tensor, slices(tensor, axis));
    }
    const [codes = "", ...quantisation] = node.input;
    const own = quantisation.map((name) => (this.isVector(name) ? slices(name, 0n) : this.importRaw(name)));
    const inputs = [slices(codes, axis), ...own];
    return this.asFloat32(tensor, this.emit.op("DequantizeLinear", inputs, { axis }));
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

  /** Whether a slice along `axis` has a scale of its own, or all have the same. */
  private isQuantisedAlong(node: NodeProto, axis: bigint): boolean {
    if (intAttribute(node, "block_size", 0) !== 0) return false;
    return !this.isVector(node.input[1] ?? "") || intAttribute(node, "axis", 1) === Number(axis);
  }

  private isVector(tensor: string): boolean {
    return (constantDims(this.graph, tensor) ?? []).some((size) => size !== 1);
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
