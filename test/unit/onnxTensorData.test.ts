import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  create,
  DataLocation,
  DataType,
  makeTensor,
  tensorBytes,
  tensorElementBits,
  tensorNumbers,
  TensorProtoSchema,
} from "../../src/core/onnx/index.js";
import { memoryFolder } from "../helpers/memoryFolder.js";
import { errorCodeOf } from "../helpers/onnxModels.js";

const nothing = memoryFolder({});
const numbersOf = (tensor: ReturnType<typeof makeTensor>) =>
  Array.from(tensorNumbers(nothing, tensor).values);

describe("tensorElementBits", () => {
  it.each([
    [DataType.INT4, 4],
    [DataType.UINT4, 4],
    [DataType.UINT2, 2],
    [DataType.BOOL, 8],
    [DataType.FLOAT16, 16],
    [DataType.FLOAT, 32],
    [DataType.INT64, 64],
  ])("of type %i is %i", (dataType, bits) => expect(tensorElementBits(dataType)).toBe(bits));

  it("has no answer for strings and unknown types", () => {
    expect(errorCodeOf(() => tensorElementBits(DataType.STRING))).toBe("onnx-data-type");
    expect(errorCodeOf(() => tensorElementBits(77))).toBe("onnx-data-type");
  });
});

describe("tensorNumbers of makeTensor", () => {
  it.each([
    ["FLOAT", DataType.FLOAT, [0.5, -3, Infinity]],
    ["DOUBLE", DataType.DOUBLE, [Math.PI, -1e300]],
    ["FLOAT16", DataType.FLOAT16, [1.5, -0.25, 65504, 2 ** -24, -Infinity]],
    ["BFLOAT16", DataType.BFLOAT16, [1.5, -0.25, 2 ** 100, -Infinity]],
    ["INT64", DataType.INT64, [-1, 2 ** 53 - 1]],
    ["UINT64", DataType.UINT64, [0, 2 ** 53 - 1]],
    ["INT32", DataType.INT32, [-(2 ** 31), 7]],
    ["UINT32", DataType.UINT32, [2 ** 32 - 1]],
    ["INT16", DataType.INT16, [-32768]],
    ["UINT16", DataType.UINT16, [65535]],
    ["INT8", DataType.INT8, [-128, 127]],
    ["UINT8", DataType.UINT8, [0, 255]],
    ["BOOL", DataType.BOOL, [0, 1]],
    ["INT4", DataType.INT4, [-8, 7, -1]],
    ["UINT4", DataType.UINT4, [15, 0, 9]],
    ["INT2", DataType.INT2, [-2, 1, 0, -1, 1]],
  ])("%s", (_, dataType, values) => {
    const tensor = makeTensor("t", dataType, [1, values.length], values);
    expect(numbersOf(tensor)).toEqual(values);
    expect(tensorNumbers(nothing, tensor).dims).toEqual([1, values.length]);
  });

  it("packs the first 4-bit element into the low half", () => {
    expect(makeTensor("t", DataType.UINT4, [3], [1, 2, 3]).rawData).toEqual(Uint8Array.of(0x21, 0x03));
  });

  it("reads a scalar and an empty tensor", () => {
    expect(numbersOf(makeTensor("t", DataType.FLOAT, [], [4]))).toEqual([4]);
    expect(numbersOf(makeTensor("t", DataType.INT64, [0], []))).toEqual([]);
  });

  it("takes a Uint8Array as raw bytes", () => {
    const bytes = Uint8Array.of(0, 0, 128, 63);
    expect(numbersOf(makeTensor("t", DataType.FLOAT, [1], bytes))).toEqual([1]);
    expect(errorCodeOf(() => makeTensor("t", DataType.FLOAT, [2], bytes))).toBe("onnx-tensor-size");
  });

  it("refuses another number of values than elements", () => {
    expect(() => makeTensor("t", DataType.FLOAT, [2], [1])).toThrow(RangeError);
  });

  it("refuses integers that a number cannot hold", () => {
    const tensor = makeTensor("t", DataType.INT64, [1], Uint8Array.of(1, 0, 0, 0, 0, 0, 32, 0));
    expect(errorCodeOf(() => numbersOf(tensor))).toBe("onnx-number-range");
  });
});

describe("tensors in typed fields", () => {
  it.each([
    ["float_data", { dataType: DataType.FLOAT, floatData: [1, 2] }, [1, 2]],
    ["double_data", { dataType: DataType.DOUBLE, doubleData: [1, 2] }, [1, 2]],
    ["int64_data", { dataType: DataType.INT64, int64Data: [-1n, 2n] }, [-1, 2]],
    ["uint64_data", { dataType: DataType.UINT64, uint64Data: [1n, 2n] }, [1, 2]],
    ["uint64_data of UINT32", { dataType: DataType.UINT32, uint64Data: [1n, 2n] }, [1, 2]],
    ["int32_data", { dataType: DataType.INT32, int32Data: [-1, 2] }, [-1, 2]],
    ["int32_data of BOOL", { dataType: DataType.BOOL, int32Data: [1, 0] }, [1, 0]],
    ["int32_data of INT8", { dataType: DataType.INT8, int32Data: [-1, 2] }, [-1, 2]],
    ["int32_data of FLOAT16", { dataType: DataType.FLOAT16, int32Data: [0x3c00, 0xc000] }, [1, -2]],
    ["int32_data of UINT4", { dataType: DataType.UINT4, int32Data: [0x21] }, [1, 2]],
  ])("%s", (_, fields, values) => {
    expect(numbersOf(create(TensorProtoSchema, { dims: [2n], ...fields }))).toEqual(values);
  });
});

describe("external tensors", () => {
  const folder = memoryFolder({ "w.bin": Uint8Array.of(9, 9, 1, 2, 3, 9) });
  const tensor = create(TensorProtoSchema, {
    dims: [3n],
    dataType: DataType.UINT8,
    dataLocation: DataLocation.EXTERNAL,
    externalData: [
      { key: "location", value: "w.bin" },
      { key: "offset", value: "2" },
    ],
  });

  it("are read from their file", () => {
    expect(tensorBytes(folder, tensor)).toEqual(Uint8Array.of(1, 2, 3));
    expect(tensorNumbers(folder, tensor).values).toEqual(Float64Array.of(1, 2, 3));
  });

  it("are an error where the file is gone", () => {
    expect(errorCodeOf(() => tensorBytes(nothing, tensor))).toBe("onnx-external-missing");
  });
});

describe("16-bit floats", () => {
  const all = Array.from({ length: 65536 }, (_, bits) => bits);
  const bytesOf = (bits: readonly number[]) => new Uint8Array(Uint16Array.from(bits).buffer);

  it.each([
    ["FLOAT16", DataType.FLOAT16],
    ["BFLOAT16", DataType.BFLOAT16],
  ])("every finite %s survives reading and writing", (_, dataType) => {
    const values = numbersOf(makeTensor("t", dataType, [65536], bytesOf(all)));
    const finite = all.filter((bits) => Number.isFinite(values[bits]));
    const again = makeTensor(
      "t",
      dataType,
      [finite.length],
      finite.map((bits) => values[bits] ?? NaN),
    );
    expect(finite.length).toBeGreaterThan(63000);
    expect(Buffer.compare(again.rawData, bytesOf(finite))).toBe(0);
  });

  it("FLOAT16 rounds to the nearest, ties to even", () => {
    const ulp = 2 ** -10;
    const written = numbersOf(
      makeTensor(
        "t",
        DataType.FLOAT16,
        [6],
        [1 + ulp / 2, 1 + 1.5 * ulp, 2 - ulp / 2, 65519, 65520, 2 ** -25],
      ),
    );
    expect(written).toEqual([1, 1 + 2 * ulp, 2, 65504, Infinity, 0]);
  });

  it("FLOAT16 is within half a unit in the last place of any value", () => {
    fc.assert(
      fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const [rounded = NaN] = numbersOf(makeTensor("t", DataType.FLOAT16, [1], [value]));
        const unit = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 1))) - 10);
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(unit / 2);
      }),
    );
  });
});
