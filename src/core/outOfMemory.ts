import { DexarError } from "./errors.js";

/** How V8, C++ libraries, ONNX Runtime, libvips, loaders and systems say that memory ran out. */
const WORDS =
  /bad[_ ]alloc|failed to allocate memory|allocation failed|cannot allocate memory|out of memory|\bOOM\b|unable to malloc|failed to map segment|ENOMEM|ERR_(?:WORKER_OUT_OF_MEMORY|MEMORY_ALLOCATION_FAILED)/i;

/** Whether a message or a log says that memory ran out. */
export function saysOutOfMemory(text: string): boolean {
  return WORDS.test(text);
}

/** `out-of-memory`; `what` says where, as in "while the model was loaded". */
export function outOfMemoryError(what: string, cause?: unknown): DexarError {
  return new DexarError(
    "out-of-memory",
    `Memory ran out ${what}.`,
    "Close other programs, or take a smaller model or a smaller dtype (q4).",
    { cause },
  );
}
