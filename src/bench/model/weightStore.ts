import { DataType, type TensorProto } from "../../core/onnx/index.js";
import { randomValues, type RandomValues } from "./randomWeights.js";
import type { BenchDtype } from "./shapes.js";
import type { TensorFile, TensorShape } from "./tensorFile.js";
import {
  BLOCK,
  blockScales,
  bytePieces,
  byteScalePieces,
  codePieces,
  float16Pieces,
  float32Pieces,
  type MatrixValues,
} from "./weightPieces.js";

/** Writes the weights of one graph to its data file and keeps the references to them. */
export class WeightStore {
  readonly initializers: TensorProto[] = [];

  /** @param dtype how weights are stored: quantised only matrices of linear layers, all else in floats */
  constructor(
    private readonly file: TensorFile,
    private readonly seed: number,
    readonly dtype: BenchDtype,
  ) {}

  /** Element type of everything that is not quantised. */
  get float(): DataType {
    return this.dtype === "fp16" || this.dtype === "q4f16" ? DataType.FLOAT16 : DataType.FLOAT;
  }

  /** Random values uniform in [-scale, scale), or given ones; returns the name. */
  tensor(name: string, dims: readonly number[], values: number | RandomValues): string {
    const source = typeof values === "number" ? this.namedValues(name, values) : values;
    const count = dims.reduce((a, b) => a * b, 1);
    return this.append({ name, dataType: this.float, dims }, this.floatPieces(source, count));
  }

  /** The values of a linear layer's matrix with `inputs` rows: uniform, and such that its outputs vary by `gain`. */
  layerValues(name: string, inputs: number, gain = 1): RandomValues {
    return this.namedValues(name, gain * Math.sqrt(3 / inputs));
  }

  /** The random values that belong to a name, uniform in [-scale, scale). */
  namedValues(name: string, scale: number): RandomValues {
    return randomValues(this.seed, name, scale);
  }

  /** The matrix of a linear layer as MatMulNBits takes it; returns the names of codes and scales. */
  blocked(name: string, matrix: MatrixValues): [codes: string, scales: string] {
    const { rows, columns } = matrix;
    const codes = { name: `${name}_Q4`, dataType: DataType.UINT8, dims: [columns, rows / BLOCK, BLOCK / 2] };
    const count = columns * (rows / BLOCK);
    const scales = { name: `${name}_scales`, dataType: this.float, dims: [count] };
    return [
      this.append(codes, codePieces(matrix)),
      this.append(scales, this.floatPieces(blockScales(matrix), count)),
    ];
  }

  /** The same in 8 bits with one scale and zero point 0; returns the names of codes, scale and zero point. */
  bytes(name: string, matrix: MatrixValues): [codes: string, scale: string, zero: string] {
    const { rows, columns } = matrix;
    const codes = { name: `${name}_quantized`, dataType: DataType.INT8, dims: [rows, columns] };
    const scale = { name: `${name}_scale`, dataType: DataType.FLOAT, dims: [] };
    const zero = { name: `${name}_zero_point`, dataType: DataType.INT8, dims: [] };
    return [
      this.append(codes, bytePieces(matrix)),
      this.append(scale, byteScalePieces(matrix)),
      this.append(zero, [new Int8Array(1)]),
    ];
  }

  private floatPieces(values: RandomValues, count: number): Iterable<ArrayBufferView> {
    return this.float === DataType.FLOAT16 ? float16Pieces(values, count) : float32Pieces(values, count);
  }

  private append(shape: TensorShape, pieces: Iterable<ArrayBufferView>): string {
    this.initializers.push(this.file.append(shape, pieces));
    return shape.name;
  }
}
