import { create, toBinary } from "@bufbuild/protobuf";
import { TensorProtoSchema, TensorProto_DataLocation as DataLocation } from "onnx-buf";
import type { ModelProto, TensorProto } from "onnx-buf";
import { allTensors } from "./allTensors.js";
import { onnxError } from "./onnxErrors.js";

/** Where a tensor's bytes lie: a file relative to the model's folder, the first byte, and how many if stated. */
export interface ExternalRange {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/**
 * A tensor's external range, or undefined if its bytes are in the message itself. Throws `onnx-malformed` if the
 * entries are incomplete or contradict each other, `onnx-external-outside` if the location may leave the folder.
 */
export function externalRange(tensor: TensorProto, label = tensor.name): ExternalRange | undefined {
  if (tensor.dataLocation !== DataLocation.EXTERNAL) return undefined;
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location");
  if (location === undefined || entries.size !== tensor.externalData.length || tensor.rawData.length > 0) {
    throw onnxError("onnx-malformed", `Tensor ${label} does not say in one way where its data are.`);
  }
  return {
    location: plainLocation(label, location),
    offset: byteCount(label, "offset", entries.get("offset")) ?? 0,
    length: byteCount(label, "length", entries.get("length")),
  };
}

/** The distinct files, relative to the model's folder, that hold tensors of the model. */
export function collectExternalFiles(model: ModelProto): string[] {
  const locations = new Set<string>();
  for (const { tensor, label } of allTensors(model)) {
    const range = externalRange(tensor, label);
    if (range !== undefined) locations.add(range.location);
  }
  return [...locations];
}

/** The fields of a TensorProto, encoded, that say its data are a byte range of a file. */
export function encodedExternalRange(location: string, offset: number, length: number): Uint8Array {
  const entries = { location, offset: String(offset), length: String(length) };
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, { externalData, dataLocation: DataLocation.EXTERNAL }),
  );
}

/**
 * Refuses absolute paths, drive letters, backslashes, `..`, and `*`, with which ONNX Runtime marks addresses in
 * memory; drops `.` parts.
 */
function plainLocation(label: string, location: string): string {
  const parts = location.split("/").filter((part) => part !== ".");
  if (
    /[\\:*\u0000-\u001f]/.test(location) ||
    parts.length === 0 ||
    parts.some((p) => p === "" || p === "..")
  ) {
    throw onnxError(
      "onnx-external-outside",
      `Tensor ${label} refers to ${JSON.stringify(location)}, which is not a plain path inside the model's folder.`,
    );
  }
  return parts.join("/");
}

function byteCount(label: string, key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
    throw onnxError("onnx-malformed", `Tensor ${label} has the external ${key} ${JSON.stringify(text)}.`);
  }
  return value;
}
