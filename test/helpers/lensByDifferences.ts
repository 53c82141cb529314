import type { Decoder } from "../../src/core/graph/decoder.js";
import { create, GraphProtoSchema } from "../../src/core/onnx/index.js";
import { runGraph } from "./interpreter/interpreter.js";
import type { Tensor } from "./interpreter/tensor.js";
import type { TinyDecoder } from "./tinyDecoder.js";

/** Values of a forward pass by name. */
type Forward = (name: string) => Tensor;

const STEP = 1e-5;

/**
 * What the gradient model must say of one token at one position, straight from the definition: central
 * differences of the lens logit with respect to one layer's heads' outputs z, times the values. Nothing of the
 * code under test is used but the graph.
 */
export class LensByDifferences {
  private readonly finalNorm: (y: Tensor) => Tensor;
  private readonly rawLogits: (y: Tensor) => Tensor;

  constructor(
    private readonly decoder: Decoder,
    private readonly tiny: TinyDecoder,
    private readonly forward: Forward,
  ) {
    const last = tiny.layers.at(-1)?.y ?? "";
    this.finalNorm = partOf(decoder, forward, last, tiny.normed);
    this.rawLogits = partOf(decoder, forward, last, tiny.rawLogits);
  }

  /** o of the layer for `token` at `position`: the final norm once, then the head. */
  lens(layer: number, position: number, token: number): number {
    return element(this.rawLogits(this.forward(this.names(layer).y)), position, token);
  }

  /** dA by head and cached position. */
  gradient(layer: number, position: number, token: number): number[][] {
    return this.attentionGradient(layer, position, (y) => element(this.rawLogits(y), position, token));
  }

  /** The same for the last layer with the final norm twice. */
  referenceLast(position: number, token: number): number[][] {
    const twice = (y: Tensor) => element(this.rawLogits(this.finalNorm(y)), position, token);
    return this.attentionGradient(this.tiny.layers.length - 1, position, twice);
  }

  private attentionGradient(layer: number, position: number, lens: (y: Tensor) => number): number[][] {
    const { z: name, y, value } = this.names(layer);
    const block = partOf(this.decoder, this.forward, name, y);
    const z = this.forward(name);
    const width = z.dims.at(-1) ?? 0;
    const moved = (i: number, by: number) => {
      const at = position * width + i;
      return lens(block({ dims: z.dims, data: z.data.with(at, (z.data[at] ?? 0) + by) }));
    };
    const dz = Array.from({ length: width }, (_, i) => (moved(i, STEP) - moved(i, -STEP)) / (2 * STEP));
    return timesValues(dz, this.forward(value));
  }

  private names(layer: number) {
    const names = this.tiny.layers[layer];
    if (!names) throw new RangeError(`no layer ${layer}`);
    return names;
  }
}

/** < v_j, dz_i > for every head i and position j; heads next to each other share a value head. */
function timesValues(dz: readonly number[], value: Tensor): number[][] {
  const [, kvHeads = 0, positions = 0, size = 0] = value.dims;
  const heads = dz.length / size;
  return Array.from({ length: heads }, (_, i) =>
    Array.from({ length: positions }, (_, j) => {
      const start = (Math.floor(i / (heads / kvHeads)) * positions + j) * size;
      return dz
        .slice(i * size, (i + 1) * size)
        .reduce((sum, d, k) => sum + d * (value.data[start + k] ?? 0), 0);
    }),
  );
}

/** The graph between two tensors as a function; all else keeps its value of the forward pass. */
function partOf(decoder: Decoder, forward: Forward, from: string, to: string): (start: Tensor) => Tensor {
  const { graph, proto } = decoder;
  const cone = graph.dependents(from);
  const node = proto.node
    .slice(graph.order(from) + 1, graph.order(to) + 1)
    .filter((n) => n.output.some((name) => cone.has(name)));
  const outside = new Set(node.flatMap((n) => n.input).filter((name) => name && !cone.has(name)));
  const fixed = Object.fromEntries([...outside].map((name) => [name, forward(name)]));
  const part = create(GraphProtoSchema, { node });
  return (start) => runGraph(part, { ...fixed, [from]: start })(to);
}

function element(rows: Tensor, row: number, column: number): number {
  return rows.data[row * (rows.dims.at(-1) ?? 0) + column] ?? NaN;
}
