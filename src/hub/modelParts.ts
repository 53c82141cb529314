import { DTYPE_SUFFIXES } from "../core/dtypeSuffixes.js";

/** A graph of a model in transformers.js layout. */
export interface GraphFile {
  /** Its file in the `onnx` folder without weight type and ending, such as `vision_encoder`. */
  readonly part: string;
  readonly dtype: string;
  /** `onnx/….onnx` */
  readonly path: string;
}

/** The decoder's part, by how common it is. */
const DECODERS = ["decoder_model_merged", "language_model", "model"];
/** Parts that bring the picture in; a model without one of them is for text only. */
const PICTURES = ["vision_encoder", "prepare_inputs_embeds"];
/** What other programs use: decoders without or only with a cache, and drawing pictures. */
const UNUSED = /^(decoder_model|decoder_with_past_model|gen_\w+|image_decode)$/;

/** The graphs among a model's files, those that are never used left out. */
export function graphFiles(paths: readonly string[]): GraphFile[] {
  return paths.flatMap((path) => {
    const name = /^onnx\/([\w.-]+)\.onnx$/.exec(path)?.[1];
    if (name === undefined) return [];
    const [dtype, suffix] = Object.entries(DTYPE_SUFFIXES)
      .filter(([, ending]) => name.endsWith(ending))
      .reduce((longest, one) => (one[1].length > longest[1].length ? one : longest));
    const part = name.slice(0, name.length - suffix.length);
    return UNUSED.test(part) ? [] : [{ part, dtype, path }];
  });
}

/** Names of the parts, each once. */
function partNames(graphs: readonly GraphFile[]): string[] {
  return [...new Set(graphs.map(({ part }) => part))];
}

/** Whether the model sees pictures. */
export function seesPictures(graphs: readonly GraphFile[]): boolean {
  return graphs.some(({ part }) => PICTURES.includes(part));
}

/** Weight types that the decoder has, best first; none where there is no decoder. */
export function decoderDtypes(graphs: readonly GraphFile[]): string[] {
  const decoder = DECODERS.find((name) => graphs.some(({ part }) => part === name));
  return Object.keys(DTYPE_SUFFIXES).filter((dtype) =>
    graphs.some((graph) => graph.part === decoder && graph.dtype === dtype),
  );
}

/** The graph of every part that a model in this weight type runs: the part's own best where it has not this one. */
export function graphsFor(graphs: readonly GraphFile[], dtype: string): GraphFile[] {
  const order = [dtype, ...Object.keys(DTYPE_SUFFIXES)];
  return partNames(graphs).flatMap((part) => {
    const own = graphs.filter((graph) => graph.part === part);
    return own.sort((a, b) => order.indexOf(a.dtype) - order.indexOf(b.dtype)).slice(0, 1);
  });
}

/** Whether a file holds weights of a graph, beside it. */
export function isWeightsOf(path: string, graph: string): boolean {
  return path.startsWith(graph) && /^(_data(_\d+)?|\.data)$/.test(path.slice(graph.length));
}
