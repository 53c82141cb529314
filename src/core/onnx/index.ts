export { clone, create } from "@bufbuild/protobuf";
export {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  TensorShapeProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
export type {
  AttributeProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetIdProto,
  TensorProto,
  TensorShapeProto,
  TypeProto,
  ValueInfoProto,
} from "onnx-buf";
export { allTensors } from "./allTensors.js";
export type { NamedTensor } from "./allTensors.js";
export type { ByteSource, ModelFolder } from "./byteSource.js";
export { dataTypeName, tensorElementBits } from "./dataTypes.js";
export { collectExternalFiles, externalRange } from "./externalData.js";
export type { ExternalRange } from "./externalData.js";
export { readModel } from "./readModel.js";
export { makeTensor, tensorBytes, tensorNumbers } from "./tensorData.js";
export { tensorByteLength, tensorDims, tensorElementCount } from "./tensorSize.js";
export { writeModel } from "./writeModel.js";
