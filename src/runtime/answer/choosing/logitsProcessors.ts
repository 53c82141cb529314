import { LogitsProcessor, type PreTrainedModel, type Tensor } from "@huggingface/transformers";
import type { GenerateRequest } from "../../../protocol/modelProcess.js";
import { keepMinP, keepTopK, keepTopP } from "./filterLogits.js";

/** A filter of one row of logits, in place. */
type RowFilter = (row: Float32Array) => void;

/** What transformers.js leaves out of its logits processors. */
class FilterProcessor extends LogitsProcessor {
  constructor(private readonly filter: RowFilter) {
    super();
  }

  override _call(_inputIds: bigint[][], logits: Tensor): Tensor {
    const size = logits.dims.at(-1) ?? 1;
    const data = logits.data as Float32Array;
    for (let start = 0; start < data.length; start += size) this.filter(data.subarray(start, start + size));
    return logits;
  }
}

/** The repetition penalty that a model's own generation_config.json sets; 1: none. */
export function modelsPenalty(model: PreTrainedModel): number {
  const config = model.generation_config as { repetition_penalty?: number | null } | null;
  return config?.repetition_penalty ?? 1;
}

/**
 * How an answer's tokens are chosen, as arguments of transformers.js's `generate`. It applies repetition penalty and
 * temperature itself, then the filters here, in the order of Python's transformers.
 */
export function choosingOptions({
  temperature,
  topK,
  topP = 1,
  minP = 0,
  repetitionPenalty,
}: Pick<GenerateRequest, "temperature" | "topK" | "topP" | "minP" | "repetitionPenalty">): Record<
  string,
  unknown
> {
  const penalty = repetitionPenalty === undefined ? {} : { repetition_penalty: repetitionPenalty };
  if (temperature <= 0) return { ...penalty, do_sample: false };
  const filters: RowFilter[] = [
    (row) => keepTopK(row, topK),
    (row) => keepTopP(row, topP),
    (row) => keepMinP(row, minP),
  ];
  // Its own top-k comes after all processors, and top-p must see what top-k leaves: so it takes no part.
  const logits_processor = filters.map((filter) => new FilterProcessor(filter));
  return { ...penalty, do_sample: true, temperature, top_k: 0, logits_processor };
}
