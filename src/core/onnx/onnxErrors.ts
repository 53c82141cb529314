import { DexarError } from "../errors.js";

const DOWNLOAD_AGAIN =
  "Download the model again (with git, run `git lfs pull`) or export it again, then check it with `dexar models verify`.";

/** The codes of everything that can be wrong with an ONNX file or its external data. */
export type OnnxErrorCode =
  | "onnx-not-found"
  | "onnx-truncated"
  | "onnx-malformed"
  | "onnx-too-deep"
  | "onnx-too-large"
  | "onnx-no-graph"
  | "onnx-tensor-size"
  | "onnx-data-type"
  | "onnx-number-range"
  | "onnx-external-missing"
  | "onnx-external-short"
  | "onnx-external-outside";

const NEXT_STEPS: Partial<Record<OnnxErrorCode, string>> = {
  "onnx-not-found": "Check the model folder: the file must lie in its `onnx` folder.",
  "onnx-external-missing": "Download the missing file into the folder of the .onnx file.",
  "onnx-external-outside":
    "Do not use this file unless you trust its source; export it again with its data beside it.",
};

/** A DexarError about an ONNX file, with the next step that belongs to its code. */
export function onnxError(code: OnnxErrorCode, message: string, cause?: unknown): DexarError {
  return new DexarError(code, message, NEXT_STEPS[code] ?? DOWNLOAD_AGAIN, { cause });
}
