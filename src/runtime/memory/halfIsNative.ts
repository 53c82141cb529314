/** Whether ONNX Runtime multiplies half precision as it is on this processor; on others it is cast to float32. */
export const HALF_IS_NATIVE = process.arch === "arm64";
