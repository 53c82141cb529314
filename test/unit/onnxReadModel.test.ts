import { clearField, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { FunctionProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import {
  allTensors,
  clone,
  collectExternalFiles,
  create,
  DataLocation,
  DataType,
  externalRange,
  GraphProtoSchema,
  makeTensor,
  ModelProtoSchema,
  NodeProtoSchema,
  readModel,
  tensorBytes,
  TensorProtoSchema,
  writeModel,
} from "../../src/core/onnx/index.js";
import type {
  GraphProto,
  ModelFolder,
  ModelProto,
  NodeProto,
  TensorProto,
} from "../../src/core/onnx/index.js";
import { field, holeySource } from "../helpers/holeySource.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { modelOf, modelWith } from "../helpers/onnxModels.js";

const bytesOf = (count: number) => Uint8Array.from({ length: count }, (_, i) => i * 7);
const nodeWith = (tensor: TensorProto) =>
  create(NodeProtoSchema, { opType: "Constant", output: ["c"], attribute: [{ name: "value", t: tensor }] });

const anyTensor: fc.Arbitrary<TensorProto> = fc
  .record({
    name: fc.string(),
    size: fc.oneof(fc.integer({ max: 20, min: 0 }), fc.integer({ min: 1000, max: 3000 })),
  })
  .map(({ name, size }) => makeTensor(name, DataType.UINT8, [size], bytesOf(size)));

const { graph: anyGraph } = fc.letrec<{ graph: GraphProto; node: NodeProto }>((tie) => ({
  graph: fc
    .record({
      name: fc.string(),
      docString: fc.string(),
      node: fc.array(tie("node"), { maxLength: 3 }),
      initializer: fc.array(anyTensor, { maxLength: 3 }),
      input: fc.array(fc.record({ name: fc.string() }), { maxLength: 2 }),
    })
    .map((fields) => create(GraphProtoSchema, fields)),
  node: fc
    .record({
      opType: fc.string(),
      input: fc.array(fc.string(), { maxLength: 3 }),
      attribute: fc.array(
        fc.oneof(
          { depthSize: "small" },
          fc.record({
            name: fc.string(),
            ints: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
          }),
          fc.record({ name: fc.string(), floats: fc.array(fc.float()) }),
          fc.record({ name: fc.string(), t: anyTensor }),
          fc.record({ name: fc.string(), g: tie("graph") }),
        ),
        { maxLength: 2 },
      ),
    })
    .map((fields) => create(NodeProtoSchema, fields)),
}));
const anyModel = anyGraph.map((graph) => modelWith(graph));

describe("readModel", () => {
  it("leaves large tensors on disk and keeps small ones", () => {
    const model = modelOf([
      makeTensor("large", DataType.UINT8, [2, 600], bytesOf(1200)),
      makeTensor("small", DataType.UINT8, [1024], bytesOf(1024)),
    ]);
    const file = writeModel(model);
    const folder = memoryFolder({ "m.onnx": file });
    const [large, small] = readModel(folder, "m.onnx").graph?.initializer ?? [];

    expect(large?.rawData).toHaveLength(0);
    expect(large && externalRange(large)).toEqual({
      location: "m.onnx",
      offset: Buffer.from(file).indexOf(bytesOf(1200)),
      length: 1200,
    });
    expect(large && tensorBytes(folder, large)).toEqual(bytesOf(1200));
    expect(small?.dataLocation).toBe(DataLocation.DEFAULT);
    expect(small?.rawData).toEqual(bytesOf(1024));
  });

  it("finds tensors in attributes, subgraphs, functions and sparse initializers", () => {
    const tensor = () => makeTensor("", DataType.UINT8, [2000], bytesOf(2000));
    const inner = create(GraphProtoSchema, {
      name: "inner",
      node: [nodeWith(tensor())],
      initializer: [tensor()],
    });
    const model = modelWith(
      create(GraphProtoSchema, {
        node: [create(NodeProtoSchema, { opType: "If", attribute: [{ name: "then_branch", g: inner }] })],
        sparseInitializer: [
          { values: tensor(), indices: makeTensor("", DataType.INT64, [250], bytesOf(2000)) },
        ],
      }),
    );
    model.functions.push(create(FunctionProtoSchema, { name: "f", node: [nodeWith(tensor())] }));
    const folder = memoryFolder({ "m.onnx": writeModel(model) });
    const tensors = [...allTensors(readModel(folder, "m.onnx"))];

    expect(tensors.map(({ tensor }) => tensor.dataLocation)).toEqual(Array(5).fill(DataLocation.EXTERNAL));
    for (const { tensor } of tensors) expect(tensorBytes(folder, tensor)).toEqual(bytesOf(2000));
  });

  it("keeps external data that were external before", () => {
    const tensor = externalTensor({ location: "./data/a.bin", offset: "16", length: "8" });
    const folder = memoryFolder({ "m.onnx": writeModel(modelOf([tensor])), "data/a.bin": bytesOf(24) });
    const model = readModel(folder, "m.onnx");

    expect(model.graph?.initializer[0]?.externalData).toEqual(tensor.externalData);
    expect(collectExternalFiles(model)).toEqual(["data/a.bin"]);
    expect(tensorBytes(folder, tensor)).toEqual(bytesOf(24).slice(16));
  });

  it("takes offset 0 and the needed length where they are not stated", () => {
    const tensor = externalTensor({ location: "a.bin" });
    const folder = memoryFolder({ "m.onnx": writeModel(modelOf([tensor])), "a.bin": bytesOf(24) });
    expect(readModel(folder, "m.onnx").graph?.initializer).toHaveLength(1);
    expect(tensorBytes(folder, tensor)).toEqual(bytesOf(8));
  });

  it("keeps unknown fields", () => {
    const known = writeModel(modelOf([]));
    const unknown = new BinaryWriter().tag(1000, WireType.LengthDelimited).string("from the future").finish();
    const file = Buffer.concat([known, unknown]);
    const model = readModel(memoryFolder({ "m.onnx": file }), "m.onnx");
    expect(Buffer.from(writeModel(model)).includes(Buffer.from(unknown))).toBe(true);
  });

  it("reads and writes any model to the same meaning", () => {
    fc.assert(
      fc.property(anyModel, (model) => {
        const folder = memoryFolder({ "m.onnx": writeModel(model) });
        const once = readModel(folder, "m.onnx");
        const both = memoryFolder({ "m.onnx": writeModel(model), "copy.onnx": writeModel(once) });
        const again = readModel(both, "copy.onnx");

        expect(toBinary(ModelProtoSchema, again)).toEqual(toBinary(ModelProtoSchema, once));
        expect(toBinary(ModelProtoSchema, inlined(once, folder))).toEqual(toBinary(ModelProtoSchema, model));
      }),
      { numRuns: 100 },
    );
  });

  it("reads a few kB of a 6 GB file", () => {
    const length = 3 * 2 ** 30;
    const { graph, opsetImport } = ModelProtoSchema.field;
    const { initializer } = GraphProtoSchema.field;
    const header = toBinary(
      TensorProtoSchema,
      create(TensorProtoSchema, { dataType: DataType.UINT8, dims: [BigInt(length)] }),
    );
    const tensor = field(initializer.number, [
      header,
      ...field(TensorProtoSchema.field.rawData.number, [length]),
    ]);
    const opset = field(opsetImport.number, [new Uint8Array(0)]);
    const source = holeySource([...field(graph.number, [...tensor, ...tensor]), ...opset]);
    const model = readModel({ open: () => source }, "huge.onnx");

    expect(model.graph?.initializer.map((t) => externalRange(t)?.length)).toEqual([length, length]);
    expect(externalRange(model.graph?.initializer[1] ?? expect.fail())?.offset).toBe(
      source.size - length - 2,
    );
    expect(source.bytesRead()).toBeLessThan(20_000);
  });
});

function externalTensor(entries: Record<string, string>): TensorProto {
  return create(TensorProtoSchema, {
    name: "far",
    dataType: DataType.UINT8,
    dims: [8n],
    dataLocation: DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
}

/** The model with every external tensor's bytes back in the message. */
function inlined(model: ModelProto, folder: ModelFolder): ModelProto {
  const copy = clone(ModelProtoSchema, model);
  for (const { tensor } of allTensors(copy)) {
    const bytes = tensorBytes(folder, tensor);
    if (externalRange(tensor) === undefined) continue;
    tensor.rawData = bytes;
    tensor.externalData = [];
    clearField(tensor, TensorProtoSchema.field.dataLocation);
  }
  return copy;
}
