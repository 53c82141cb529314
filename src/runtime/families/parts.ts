/** What a part of a model does. */
export type PartRole = "vision" | "embedding" | "encoder" | "decoder";

/** One graph of a model in transformers.js layout. */
export interface ModelPart {
  /** Name of its session in transformers.js's model. */
  readonly session: string;
  /** Name of its file in the `onnx` folder, without weight type and ending. */
  readonly file: string;
  readonly role: PartRole;
}

/** The parts of most vision-language models. */
export const THREE_PARTS: readonly ModelPart[] = [
  { session: "vision_encoder", file: "vision_encoder", role: "vision" },
  { session: "embed_tokens", file: "embed_tokens", role: "embedding" },
  { session: "decoder_model_merged", file: "decoder_model_merged", role: "decoder" },
];

/** The part that decodes, which is the one that is explained. */
export function decoderPart<P extends ModelPart>(parts: readonly P[]): P {
  const decoder = parts.find(({ role }) => role === "decoder");
  if (decoder) return decoder;
  throw new RangeError("a model without a decoder");
}
