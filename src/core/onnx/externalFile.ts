import type { TensorProto } from "onnx-buf";
import type { ByteSource, ModelFolder } from "./byteSource.js";
import { externalRange } from "./externalData.js";
import { onnxError } from "./onnxErrors.js";
import { checkStoredBytes, tensorByteLength } from "./tensorSize.js";

/**
 * The file and offset of an external tensor's data, checked to hold as many bytes as its shape needs; undefined
 * for inline data. Throws `onnx-external-missing`, `onnx-external-short`, `onnx-external-outside`, `onnx-tensor-size`.
 */
export function openExternal(
  folder: ModelFolder,
  tensor: TensorProto,
  label: string,
): { source: ByteSource; offset: number } | undefined {
  const range = externalRange(tensor, label);
  if (range === undefined) return undefined;
  const { location, offset, length } = range;
  if (length !== undefined) checkStoredBytes(tensor, label, length);
  const source = folder.open(location);
  if (source === undefined) {
    throw onnxError(
      "onnx-external-missing",
      `The data of tensor ${label} are in ${location}, which is not there.`,
    );
  }
  const end = offset + tensorByteLength(tensor, label);
  if (end > source.size) {
    throw onnxError(
      "onnx-external-short",
      `${location} has ${source.size} bytes, but the data of tensor ${label} end at byte ${end}.`,
    );
  }
  return { source, offset };
}
