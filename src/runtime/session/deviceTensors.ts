/** A tensor of ONNX Runtime or of transformers.js. */
interface AnyTensor {
  /** `gpu-buffer` in a device's memory, `none` when freed. */
  readonly location: string;
  dispose(): void;
}

/** How the tensors that are kept from others are freed. */
const kept = new WeakMap<AnyTensor, () => void>();

/** Frees the tensors that lie in a device's memory, where no garbage collector looks; the others stay as they are. */
export function freeDeviceTensors(tensors: Iterable<AnyTensor>): void {
  for (const tensor of tensors) {
    if (tensor.location === "gpu-buffer") (kept.get(tensor) ?? (() => tensor.dispose()))();
  }
}

/**
 * Lets nobody but `freeDeviceTensors` free these: transformers.js frees an encoder's cache when it has its answer,
 * and the last tokens' gradients are still to be computed from it.
 */
export function keepDeviceTensors(tensors: Iterable<AnyTensor>): void {
  for (const tensor of tensors) {
    if (tensor.location !== "gpu-buffer" || kept.has(tensor)) continue;
    kept.set(tensor, tensor.dispose.bind(tensor));
    tensor.dispose = () => undefined;
  }
}
