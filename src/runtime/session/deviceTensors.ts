/** A tensor of ONNX Runtime or of transformers.js. */
interface AnyTensor {
  /** `gpu-buffer` in a device's memory, `none` when freed. */
  readonly location: string;
  dispose(): void;
}

/** Frees the tensors that lie in a device's memory, where no garbage collector looks; the others stay as they are. */
export function freeDeviceTensors(tensors: Iterable<AnyTensor>): void {
  for (const tensor of tensors) if (tensor.location === "gpu-buffer") tensor.dispose();
}
