import { DataType, type TensorProto } from "../../core/onnx/index.js";
import { randomValues, type RandomValues } from "./randomWeights.js";
import type { BenchDtype } from "./shapes.js";
import type { TensorSink } from "./tensorFile.js";
import {
  BLOCK,
  codePieces,
  float16Pieces,
  float32Pieces,
  scalePieces,
  type MatrixValues,
} from "./weightPieces.js";

/** Writes the weights of one graph to its data file and keeps the references to them. */
export class WeightStore {
  readonly initializers: TensorProto[] = [];

  /** @param dtype how weights are stored: `q4` only matrices of linear layers, all else float32 */
  constructor(
    private readonly file: TensorSink,
    private readonly seed: number,
    readonly dtype: BenchDtype,
  ) {}

  /** Element type of everything that is not quantised. */
  get float(): DataType {
    return this.dtype === "fp16" ? DataType.FLOAT16 : DataType.FLOAT;
  }

  /** Random values uniform in [-scale, scale), or given ones; returns the name. */
  tensor(name: string, dims: readonly number[], values: number | RandomValues): string {
    const source = typeof values === "number" ? this.namedValues(name, values) : values;
    const count = dims.reduce((a, b) => a * b, 1);
    const pieces = this.dtype === "fp16" ? float16Pieces(source, count) : float32Pieces(source, count);
    this.initializers.push(this.file.append({ name, dataType: this.float, dims }, pieces));
    return name;
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
  quantised(name: string, matrix: MatrixValues): [codes: string, scales: string] {
    const { rows, columns } = matrix;
    const codes = { name: `${name}_Q4`, dataType: DataType.UINT8, dims: [columns, rows / BLOCK, BLOCK / 2] };
    const scales = { name: `${name}_scales`, dataType: DataType.FLOAT, dims: [columns * (rows / BLOCK)] };
    this.initializers.push(this.file.append(codes, codePieces(matrix)));
    this.initializers.push(this.file.append(scales, scalePieces(matrix)));
    return [codes.name, scales.name];
  }
}
