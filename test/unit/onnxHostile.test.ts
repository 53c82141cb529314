import { toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  AttributeProtoSchema,
  create,
  DataLocation,
  DataType,
  GraphProtoSchema,
  makeTensor,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  readModel,
  TensorProtoSchema,
  TypeProtoSchema,
  writeModel,
} from "../../src/core/onnx/index.js";
import type { GraphProto, TensorProto, TypeProto } from "../../src/core/onnx/index.js";
import { field, holeySource } from "../helpers/holeySource.js";
import { llavaModelFolder } from "../helpers/llavaModels.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { errorCodeOf, modelOf, modelWith } from "../helpers/onnxModels.js";

const GRAPH = ModelProtoSchema.field.graph.number;
const DOC_STRING = ModelProtoSchema.field.docString.number;
const real = readFileSync(join(llavaModelFolder("p2"), "onnx", "decoder_model_merged.onnx"));
const realData = readFileSync(join(llavaModelFolder("p2"), "onnx", "decoder_model_merged.onnx_data"));
const realFolder = (bytes: Uint8Array) =>
  memoryFolder({ "m.onnx": bytes, "decoder_model_merged.onnx_data": realData });

const read = (bytes: Uint8Array) => readModel(memoryFolder({ "m.onnx": bytes }), "m.onnx");
const codeFor = (bytes: Uint8Array) => errorCodeOf(() => read(bytes));
const codeForTensor = (tensor: TensorProto) => codeFor(writeModel(modelOf([tensor])));

describe("files that are not models", () => {
  it.each([
    ["a missing file", () => readModel(memoryFolder({}), "m.onnx"), "onnx-not-found"],
    ["an empty file", () => read(new Uint8Array(0)), "onnx-truncated"],
    [
      "a git-lfs pointer",
      () => read(Buffer.from("version https://git-lfs.github.com/spec/v1\n")),
      "onnx-malformed",
    ],
    ["a web page", () => read(Buffer.from("<!DOCTYPE html><html>")), "onnx-malformed"],
    ["a PNG", () => read(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")), "onnx-malformed"],
    [
      "a model without a graph",
      () => read(writeModel(create(ModelProtoSchema, { irVersion: 9n }))),
      "onnx-no-graph",
    ],
    [
      "a model without operator sets",
      () => read(writeModel(create(ModelProtoSchema, { graph: { name: "g" } }))),
      "onnx-truncated",
    ],
  ])("refuses %s", (_, action, code) => expect(errorCodeOf(action)).toBe(code));

  it("names the file, the place and the next step", () => {
    expect(() => read(real.subarray(0, 1000))).toThrow(/m\.onnx is cut off: it ends after 1000 bytes/);
  });
});

describe("hostile lengths and types", () => {
  const tag = (fieldNumber: number, type: WireType) => new BinaryWriter().tag(fieldNumber, type);
  it.each([
    [
      "a length beyond the file",
      tag(GRAPH, 2)
        .uint64(2n ** 40n)
        .finish(),
      "onnx-truncated",
    ],
    [
      "the largest length",
      tag(GRAPH, 2)
        .uint64(2n ** 64n - 1n)
        .finish(),
      "onnx-truncated",
    ],
    ["a length of 11 bytes", tag(GRAPH, 2).raw(new Uint8Array(11).fill(0xff)).finish(), "onnx-malformed"],
    ["a length cut off", tag(GRAPH, 2).raw(Uint8Array.of(0x80)).finish(), "onnx-truncated"],
    [
      "a part longer than its parent",
      tag(GRAPH, 2)
        .raw(Uint8Array.of(2, 10, 9, 0, 0))
        .finish(),
      "onnx-malformed",
    ],
    ["field number 0", Uint8Array.of(0, 0), "onnx-malformed"],
    ["a group", tag(GRAPH, WireType.StartGroup).finish(), "onnx-malformed"],
    ["a known field of another type", tag(DOC_STRING, WireType.Varint).uint32(5).finish(), "onnx-malformed"],
    ["half a 64-bit field", tag(99, WireType.Bit64).uint32(5).finish(), "onnx-truncated"],
  ])("refuses %s", (_, bytes, code) => expect(codeFor(bytes)).toBe(code));

  it("refuses a packed list that ends inside a number", () => {
    const dims = TensorProtoSchema.field.dims.number;
    const tensor = new BinaryWriter().tag(dims, 2).bytes(Uint8Array.of(1, 0x80)).finish();
    const graph = new BinaryWriter().tag(GraphProtoSchema.field.initializer.number, 2).bytes(tensor).finish();
    expect(codeFor(new BinaryWriter().tag(GRAPH, 2).bytes(graph).finish())).toBe("onnx-malformed");
  });
});

describe("bounded memory and depth", () => {
  const nested = (depth: number): GraphProto => {
    const graph = create(GraphProtoSchema, { name: `graph ${depth}` });
    if (depth > 1) graph.node.push(ifNode(nested(depth - 1)));
    return graph;
  };

  it("reads 32 graphs within each other and refuses 33", () => {
    expect(read(writeModel(modelWith(nested(32)))).graph?.name).toBe("graph 32");
    expect(codeFor(writeModel(modelWith(nested(33))))).toBe("onnx-too-deep");
  });

  it("refuses endless types within types", () => {
    let type: TypeProto = create(TypeProtoSchema);
    for (let i = 0; i < 200; i++) {
      type = create(TypeProtoSchema, { value: { case: "sequenceType", value: { elemType: type } } });
    }
    const model = modelWith(create(GraphProtoSchema, { input: [{ name: "x", type }] }));
    expect(codeFor(writeModel(model))).toBe("onnx-too-deep");
  });

  it("refuses a graph of millions of empty nodes", () => {
    const nodes = new Uint8Array(4_000_000);
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
    expect(codeFor(new BinaryWriter().tag(GRAPH, 2).bytes(nodes).finish())).toBe("onnx-too-large");
  });

  it("refuses a text of 1 GB without reading it", () => {
    const source = holeySource(field(DOC_STRING, [2 ** 30]));
    expect(errorCodeOf(() => readModel({ open: () => source }, "m.onnx"))).toBe("onnx-too-large");
    expect(source.bytesRead()).toBeLessThan(10_000);
  });
});

describe("tensors that do not fit their shape", () => {
  const tensor = (dims: bigint[], bytes: number, dataType = DataType.FLOAT) =>
    create(TensorProtoSchema, { name: "w", dims, dataType, rawData: new Uint8Array(bytes) });
  it.each([
    ["too few inline bytes", tensor([2n], 4), "onnx-tensor-size"],
    ["too many bytes on disk", tensor([500n], 2004), "onnx-tensor-size"],
    ["a negative dimension", tensor([-1n], 4), "onnx-tensor-size"],
    ["dimensions whose product overflows", tensor([2n ** 32n, 2n ** 32n], 0), "onnx-tensor-size"],
    ["a dimension beyond 2^53", tensor([2n ** 62n], 0), "onnx-tensor-size"],
    ["an unknown data type", tensor([1n], 4, 99 as DataType), "onnx-data-type"],
    ["no data type", tensor([1n], 4, DataType.UNDEFINED), "onnx-data-type"],
    ["missing strings", tensor([3n], 0, DataType.STRING), "onnx-tensor-size"],
    [
      "missing numbers",
      create(TensorProtoSchema, { dims: [3n], dataType: 1, floatData: [1, 2] }),
      "onnx-tensor-size",
    ],
  ])("refuses %s", (_, bad, code) => expect(codeForTensor(bad)).toBe(code));

  it("names the tensor and the numbers", () => {
    expect(() => read(writeModel(modelOf([tensor([2n, 3n], 4)])))).toThrow(
      "Tensor w holds 4 bytes, but its shape [2,3] of type FLOAT needs 24.",
    );
  });
});

describe("external data", () => {
  const far = (entries: Record<string, string>, fields: object = {}) =>
    create(TensorProtoSchema, {
      name: "far",
      dataType: DataType.UINT8,
      dims: [8n],
      dataLocation: DataLocation.EXTERNAL,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      ...fields,
    });
  const codeOf = (tensor: TensorProto) => {
    const folder = memoryFolder({ "m.onnx": writeModel(modelOf([tensor])), "a.bin": new Uint8Array(20) });
    return errorCodeOf(() => readModel(folder, "m.onnx"));
  };

  it.each([
    "../a.bin",
    "x/../../a.bin",
    "/a.bin",
    "C:/a.bin",
    "..\\a.bin",
    "",
    ".",
    "a//b",
    "a\0",
    "*/_ORT_MEM_ADDR_/*",
  ])("refuses the location %j", (location) =>
    expect(codeOf(far({ location }))).toBe("onnx-external-outside"),
  );

  it.each([
    ["a missing file", far({ location: "b.bin" }), "onnx-external-missing"],
    ["a range beyond the file", far({ location: "a.bin", offset: "13", length: "8" }), "onnx-external-short"],
    [
      "an offset beyond the file",
      far({ location: "a.bin", offset: "9007199254740991" }),
      "onnx-external-short",
    ],
    ["a length that is not the shape's", far({ location: "a.bin", length: "9" }), "onnx-tensor-size"],
    ["a negative offset", far({ location: "a.bin", offset: "-1" }), "onnx-malformed"],
    ["an offset that is no number", far({ location: "a.bin", offset: "0x10" }), "onnx-malformed"],
    ["a huge offset", far({ location: "a.bin", offset: "99999999999999999999" }), "onnx-malformed"],
    ["no location", far({ offset: "0" }), "onnx-malformed"],
    ["inline data as well", far({ location: "a.bin" }, { rawData: new Uint8Array(8) }), "onnx-malformed"],
    [
      "inline data as well that are left out",
      far({ location: "a.bin" }, { dims: [2000n], rawData: new Uint8Array(2000) }),
      "onnx-malformed",
    ],
  ])("refuses %s", (_, tensor, code) => expect(codeOf(tensor)).toBe(code));

  it("names the file, the tensor and the numbers", () => {
    const tensor = far({ location: "a.bin", offset: "13" });
    const folder = memoryFolder({ "m.onnx": writeModel(modelOf([tensor])), "a.bin": new Uint8Array(20) });
    expect(() => readModel(folder, "m.onnx")).toThrow(
      "a.bin has 20 bytes, but the data of tensor far end at byte 21.",
    );
  });
});

describe("damaged files fail with a DexarError or still make a whole model", () => {
  const outcome = (bytes: Uint8Array): string => {
    try {
      writeModel(readModel(realFolder(bytes), "m.onnx"));
      return "read";
    } catch (error) {
      return errorCodeOf(() => {
        throw error;
      });
    }
  };
  const anyOutcome = /^(read|onnx-[a-z-]+)$/;

  it("cut off after the first of two operator sets, at the end of a whole field", () => {
    const { opsetImport } = readModel(realFolder(real), "m.onnx");
    const last = opsetImport.at(-1);
    if (last === undefined) throw new Error("the model has no operator sets");
    // Tag and length take a byte each.
    const cut = real.length - toBinary(OperatorSetIdProtoSchema, last).length - 2;
    expect(opsetImport.map(({ domain }) => domain)).toEqual(["", "com.microsoft"]);
    expect(() => readModel(realFolder(real.subarray(0, cut)), "m.onnx")).toThrow(
      `m.onnx ends after ${cut} bytes without saying which version of the operators of com.microsoft it uses.`,
    );
  });

  it("cut off anywhere", () => {
    fc.assert(
      fc.property(fc.nat(real.length - 1), (length) => {
        expect(outcome(real.subarray(0, length))).toMatch(/^onnx-(truncated|no-graph)$/);
      }),
      { numRuns: 150 },
    );
  });

  it("with bytes changed", () => {
    const change = fc.record({ at: fc.nat(real.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const bytes = Uint8Array.from(real);
        for (const { at, to } of changes) bytes[at] = to;
        expect(outcome(bytes)).toMatch(anyOutcome);
      }),
      { numRuns: 300 },
    );
  });

  it("of random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(outcome(bytes)).toMatch(/^onnx-[a-z-]+$/);
      }),
      { numRuns: 500 },
    );
  });

  it("of random bytes inside a graph", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(outcome(new BinaryWriter().tag(GRAPH, 2).bytes(bytes).finish())).toMatch(/^onnx-[a-z-]+$/);
      }),
      { numRuns: 500 },
    );
  });

  it("that repeat a tensor's data", () => {
    const tensor = makeTensor("w", DataType.UINT8, [2000], new Uint8Array(2000));
    const rawData = new BinaryWriter()
      .tag(TensorProtoSchema.field.rawData.number, 2)
      .bytes(new Uint8Array(9))
      .finish();
    const encoded = Buffer.concat([toBinary(TensorProtoSchema, tensor), rawData]);
    const graph = new BinaryWriter()
      .tag(GraphProtoSchema.field.initializer.number, 2)
      .bytes(encoded)
      .finish();
    const opset = Buffer.from(writeModel(create(ModelProtoSchema, { opsetImport: [{ version: 17n }] })));
    const file = Buffer.concat([new BinaryWriter().tag(GRAPH, 2).bytes(graph).finish(), opset]);
    expect(codeFor(file)).toBe("onnx-malformed");
  });
});

function ifNode(g: GraphProto) {
  return create(NodeProtoSchema, { attribute: [create(AttributeProtoSchema, { name: "then_branch", g })] });
}
