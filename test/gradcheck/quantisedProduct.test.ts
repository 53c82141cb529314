import { expect, it } from "vitest";
import { Emitter } from "../../src/core/autodiff/emitter.js";
import { timesQuantised } from "../../src/core/autodiff/quantisedProduct.js";
import { tensorInfo } from "../../src/core/instrument/tensorInfo.js";
import { DataType } from "../../src/core/onnx/index.js";
import { GraphBuilder } from "../helpers/graphBuilder.js";
import { fill } from "../helpers/interpreter/tensor.js";
import { runOrt } from "../helpers/ortValues.js";

/** Rows of one block of 16 codes; row r holds the bytes 8 r … 8 r + 7, and its zero point is r modulo 16. */
const ROWS = 32;
const zeroPoint = (row: number) => row % 16;

it.each(["cpu", "webgpu"] as const)(
  "ONNX Runtime tells every byte's two codes apart, to the bit, with every zero point: %s",
  async (device) => {
    const b = new GraphBuilder();
    const bytes = Array.from({ length: 8 * ROWS }, (_, i) => i);
    b.bytes("w", [ROWS, 1, 8], bytes);
    b.constant("s", [ROWS], new Array<number>(ROWS).fill(1));
    b.bytes(
      "z",
      [ROWS],
      Array.from({ length: ROWS }, (_, row) => zeroPoint(row)),
    );
    const attributes = { K: 16n, N: BigInt(ROWS), bits: 4n, block_size: 16n };
    b.op("com.microsoft:MatMulNBits", ["x", "w", "s", "z"], attributes, "y");

    const emit = new Emitter(device);
    const [node] = b.graph.node;
    if (!node) throw new RangeError("no node");
    const named = (i: number) => b.graph.initializer.find((t) => t.name === node.input[i]) ?? null;
    const product = timesQuantised(
      { node, emit, place: "layer 0", tensor: named, numbers: (i) => [...(named(i)?.rawData ?? [])] },
      "rows",
    );
    const emitted = new GraphBuilder();
    emitted.input("rows", ["n", ROWS]);
    emitted.graph.node.push(...emit.nodes);
    emitted.graph.initializer.push(...emit.initializers.values());
    emitted.graph.output.push(tensorInfo(product, DataType.FLOAT, ["n", 16]));

    // The unit matrix reads the weight itself.
    const found = await runOrt(emitted.model(), { rows: fill([ROWS, ROWS], ([i, j]) => (i === j ? 1 : 0)) });
    const expected = bytes.flatMap((byte, i) =>
      [byte & 15, byte >> 4].map((code) => code - zeroPoint(Math.floor(i / 8))),
    );
    expect([...(found[product]?.data ?? [])]).toEqual(expected);
  },
);
