import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkRoom, freeBytes, makeFolder } from "../../../src/bench/model/diskRoom.js";
import { TensorFile } from "../../../src/bench/model/tensorFile.js";
import { blockScales, codePieces } from "../../../src/bench/model/weightPieces.js";
import { DataType, type TensorProto } from "../../../src/core/onnx/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dexar-tensors-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const never = new AbortController().signal;
const place = (tensor: TensorProto) => tensor.externalData.map(({ value }) => value);
const floats = (name: string, count: number) => ({ name, dataType: DataType.FLOAT, dims: [count] });

describe("a file of tensors", () => {
  it("gives places before anything is written, and writes the pieces there", async () => {
    const file = path.join(folder, "weights");
    const tensors = new TensorFile(file);
    const a = tensors.append(floats("a", 3), [Float32Array.of(1, 2), Float32Array.of(3)]);
    const b = tensors.append(floats("b", 1), [Float32Array.of(4)]);
    expect([place(a), place(b)]).toEqual([
      ["weights", "0", "12"],
      ["weights", "64", "4"],
    ]);
    expect(tensors.bytes).toBe(68);
    const told: number[] = [];
    await tensors.write(never, (bytes) => told.push(bytes));
    const written = readFileSync(file);
    expect(written).toHaveLength(68);
    expect([0, 4, 8, 64].map((at) => written.readFloatLE(at))).toEqual([1, 2, 3, 4]);
    expect(told).toEqual([8, 12, 68]);
  });

  it("takes pieces one at a time while it is written", async () => {
    const tensors = new TensorFile(path.join(folder, "weights"));
    let made = 0;
    function* pieces() {
      for (; made < 200; made++) yield new Float32Array(1 << 18);
    }
    tensors.append(floats("a", 200 << 18), pieces());
    const controller = new AbortController();
    await expect(
      tensors.write(controller.signal, (bytes) => {
        if (bytes >= 10 << 20) controller.abort();
      }),
    ).rejects.toThrow("aborted");
    expect(made).toBeGreaterThan(8);
    expect(made).toBeLessThan(40);
  });

  it("notices pieces that are not as many as the shape says", async () => {
    const tensors = new TensorFile(path.join(folder, "weights"));
    tensors.append(floats("short", 3), [Float32Array.of(1)]);
    await expect(tensors.write(never, () => undefined)).rejects.toThrow("short: 4 bytes written");
  });
});

describe("room on the disk", () => {
  it("is read of the folder's disk", async () => {
    expect(await freeBytes(folder)).toBeGreaterThan(0);
  });

  it("needs a folder that can be made", () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    expect(() => makeFolder(path.join(file, "bench"))).toThrow(
      /bench cannot be made: the folder does not exist, /,
    );
    const made = path.join(folder, "a", "b");
    makeFolder(made);
    expect(existsSync(made)).toBe(true);
  });

  it("has to be enough for the model and something beside it", async () => {
    const free = () => Promise.resolve(5e9);
    await expect(checkRoom(folder, 4.7e9, free)).resolves.toBeUndefined();
    await expect(checkRoom(folder, 4.9e9, free)).rejects.toMatchObject({
      code: "disk-full",
      message: `Building the model takes 4.90 GB in ${folder}, and 5.00 GB are free.`,
      nextStep: expect.stringContaining("DEXAR_CACHE") as string,
    });
  });
});

it("quantises to the nearest of 15 levels around zero, the low half of a byte first", () => {
  const values = Array.from({ length: 64 }, (_, i) => Math.sin(i + 1));
  const matrix = { rows: 32, columns: 2, values: { at: (i: number) => values[i] ?? NaN } };
  const [codes, scales] = [[...codePieces(matrix)], blockScales(matrix)];
  for (let column = 0; column < 2; column++) {
    const own = values.filter((_, i) => i % 2 === column).map(Math.fround);
    const scale = scales.at(column);
    expect(scale).toBeCloseTo(Math.max(...own.map(Math.abs)) / 7, 7);
    const found = own.map((_, row) => ((codes[column]?.[row >> 1] ?? 0) >> (4 * (row % 2))) & 15);
    expect(found).toEqual(own.map((value) => Math.round(value / scale) + 8));
  }
});
