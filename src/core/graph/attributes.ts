import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
} from "onnx-buf";

/** A value an operator attribute can be given when a node is built. */
export type AttributeValue = number | bigint | string | readonly bigint[] | TensorProto;

/** The integer attribute `name` of a node, or `fallback` when it is absent. */
export function intAttribute(node: NodeProto, name: string, fallback: number): number {
  const found = node.attribute.find((a) => a.name === name);
  return found ? Number(found.i) : fallback;
}

/** The float attribute `name` of a node, or `fallback` when it is absent. */
export function floatAttribute(node: NodeProto, name: string, fallback: number): number {
  return node.attribute.find((a) => a.name === name)?.f ?? fallback;
}

/** The string attribute `name` of a node, or `fallback` when it is absent. */
export function stringAttribute(node: NodeProto, name: string, fallback: string): string {
  const found = node.attribute.find((a) => a.name === name);
  return found ? new TextDecoder().decode(found.s) : fallback;
}

/** The integer-list attribute `name` of a node, or null when it is absent. */
export function intsAttribute(node: NodeProto, name: string): number[] | null {
  return node.attribute.find((a) => a.name === name)?.ints.map(Number) ?? null;
}

/** An attribute: numbers are FLOAT, bigints INT, strings STRING, bigint lists INTS, tensors TENSOR. */
export function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value });
  if (typeof value === "bigint") return create(AttributeProtoSchema, { name, type: Type.INT, i: value });
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  }
  if ("dims" in value) return create(AttributeProtoSchema, { name, type: Type.TENSOR, t: value });
  return create(AttributeProtoSchema, { name, type: Type.INTS, ints: [...value] });
}
