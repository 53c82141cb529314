import { TensorProto_DataType as DataType, type ValueInfoProto } from "onnx-buf";

/** Whether an input or output of a graph is float16. */
export function isHalf(value: ValueInfoProto | undefined): boolean {
  const type = value?.type?.value;
  return type?.case === "tensorType" && type.value.elemType === (DataType.FLOAT16 as number);
}
