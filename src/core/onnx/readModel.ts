import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, TensorProto_DataType as DataType } from "onnx-buf";
import type { ModelProto, TensorProto } from "onnx-buf";
import { allTensors } from "./allTensors.js";
import type { ByteSource, ModelFolder } from "./byteSource.js";
import { openExternal } from "./externalFile.js";
import { onnxError } from "./onnxErrors.js";
import { readSkeleton } from "./skeleton.js";
import { checkStoredBytes, tensorElementCount } from "./tensorSize.js";
import { typedData } from "./typedData.js";
import { plainDomain, usedDomains } from "./usedDomains.js";

/** The scanner bounds the depth; the library's own limit of 100 is below 32 nested graphs. */
const DECODER_DEPTH = 200;

/**
 * Reads an ONNX model and leaves its tensors of more than 1 KiB on disk: they become external data that point into
 * the same file. Existing external data are kept. Throws a DexarError (`onnx-*`) if the file is damaged, hostile or
 * not ONNX, or if any tensor's data are missing or do not fit its shape.
 */
export function readModel(folder: ModelFolder, fileName: string): ModelProto {
  const source = folder.open(fileName);
  if (source === undefined) {
    throw onnxError("onnx-not-found", `There is no file ${fileName} in the model's folder.`);
  }
  const model = decode(readSkeleton(source, fileName), fileName);
  checkModel(model, fileName, source.size);
  checkTensors(rememberingFolder(folder), model);
  return model;
}

function decode(skeleton: Uint8Array, fileName: string): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, skeleton, { recursionLimit: DECODER_DEPTH });
  } catch (cause) {
    throw onnxError("onnx-malformed", `${fileName} is not a valid ONNX file: ${String(cause)}.`, cause);
  }
}

function checkModel(model: ModelProto, fileName: string, size: number): void {
  if (size === 0) throw onnxError("onnx-truncated", `${fileName} is empty (0 bytes).`);
  if (model.graph === undefined) {
    throw onnxError("onnx-no-graph", `${fileName} (${size} bytes) holds no ONNX graph.`);
  }
  if (model.opsetImport.length === 0) {
    throw onnxError(
      "onnx-truncated",
      `${fileName} ends after ${size} bytes without saying which operator set it uses.`,
    );
  }
  // They stand at the end of most files.
  const known = new Set(model.opsetImport.map(({ domain }) => plainDomain(domain)));
  const unknown = [...usedDomains(model.graph)].find((domain) => !known.has(domain));
  if (unknown !== undefined) {
    throw onnxError(
      "onnx-truncated",
      `${fileName} ends after ${size} bytes without saying which version of the operators of ${unknown || "ai.onnx"} it uses.`,
    );
  }
}

function checkTensors(folder: ModelFolder, model: ModelProto): void {
  for (const { tensor, label } of allTensors(model)) {
    if (tensor.dataType === DataType.STRING) checkStringTensor(tensor, label);
    else if (openExternal(folder, tensor, label) === undefined) {
      checkStoredBytes(tensor, label, inlineByteLength(tensor));
    }
  }
}

function inlineByteLength(tensor: TensorProto): number {
  if (tensor.rawData.length > 0) return tensor.rawData.length;
  const { values, entryBytes } = typedData(tensor);
  return values.length * entryBytes;
}

function checkStringTensor(tensor: TensorProto, label: string): void {
  const count = tensorElementCount(tensor, label);
  if (tensor.stringData.length !== count) {
    throw onnxError(
      "onnx-tensor-size",
      `Tensor ${label} holds ${tensor.stringData.length} strings, but its shape [${tensor.dims}] needs ${count}.`,
    );
  }
}

/** Hundreds of tensors share a file, which is looked up once. */
function rememberingFolder(folder: ModelFolder): ModelFolder {
  const opened = new Map<string, ByteSource | undefined>();
  return {
    open: (name) => {
      if (!opened.has(name)) opened.set(name, folder.open(name));
      return opened.get(name);
    },
  };
}
