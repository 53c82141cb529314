import { create } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
} from "onnx-buf";
import { tensorInfo } from "../../src/core/instrument/tensorInfo.js";
import type { ModelProto } from "../../src/core/onnx/index.js";
import { p1WithPart } from "./brokenModel.js";

/** Ten million million values: 40 TB, more than any machine gives. */
const TOO_MANY = 10n ** 13n;

/** A copy of p1 whose vision encoder also makes a tensor that fits into no memory. */
export function hungryP1(): string {
  return p1WithPart("vision_encoder.onnx", addHungryTensor);
}

function addHungryTensor(model: ModelProto): void {
  const value = create(AttributeProtoSchema, {
    name: "value",
    type: AttributeProto_AttributeType.TENSOR,
    t: create(TensorProtoSchema, { dims: [1n], dataType: DataType.FLOAT, floatData: [1] }),
  });
  model.graph?.initializer.push(
    create(TensorProtoSchema, {
      name: "hungry_shape",
      dims: [1n],
      dataType: DataType.INT64,
      int64Data: [TOO_MANY],
    }),
  );
  model.graph?.node.push(
    create(NodeProtoSchema, {
      name: "hungry",
      opType: "ConstantOfShape",
      input: ["hungry_shape"],
      output: ["hungry"],
      attribute: [value],
    }),
  );
  model.graph?.output.push(tensorInfo("hungry", DataType.FLOAT, ["many"]));
}
