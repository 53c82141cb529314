import type { InferenceSession } from "onnxruntime-node";

/** What a decoder's session must do: ONNX Runtime's own, or one around it. */
export interface Runnable {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly InferenceSession.ValueMetadata[];
  run(feeds: InferenceSession.OnnxValueMapType): Promise<InferenceSession.OnnxValueMapType>;
  release(): Promise<void>;
}
