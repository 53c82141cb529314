import { InferenceSession } from "onnxruntime-node";
import { DexarError } from "../../core/errors.js";
import { outOfMemoryError, saysOutOfMemory } from "../../core/outOfMemory.js";
import type { SessionModel } from "../sessionModel.js";
import { coarseNodes } from "./coarseNodes.js";
import { keepsTensors, type SessionDevice } from "./device.js";

/** What a session runs: a file, or a graph in memory whose weights lie in files. */
export type SessionSource = { readonly path: string } | SessionModel;

export interface SessionOptions {
  /** False keeps ORT from copying weights into its own layout: slower products, no second copy of the weights. */
  readonly prepack?: boolean;
  /** False runs the graph as written. */
  readonly optimise?: boolean;
  /** Threads inside an operator; ORT's choice (all cores) when absent. */
  readonly threads?: number;
  /** Where the graph runs; the CPU when absent. */
  readonly device?: SessionDevice;
  /** Outputs that stay in the device's memory; whoever runs the session frees them (`freeDeviceTensors`). */
  readonly staying?: readonly string[];
}

/** Opens an ONNX Runtime session; throws `session-failed` with ORT's reason. */
export async function createSession(
  name: string,
  source: SessionSource,
  options: SessionOptions = {},
): Promise<InferenceSession> {
  const { device = "cpu", staying = [] } = options;
  // Several sessions take turns in one process: threads that spin after their work take the core from the next.
  const session: Record<string, string | Record<string, string>> = { intra_op: { allow_spinning: "0" } };
  if (options.prepack === false) session["disable_prepacking"] = "1";
  const { source: graph, names } = device === "webgpu" ? coarseNodes(source) : { source, names: [] };
  if ("bytes" in graph && graph.directory !== undefined) {
    session["model_external_initializers_file_folder_path"] = graph.directory;
  }
  const settings: InferenceSession.SessionOptions = {
    ...deviceSettings(device, names, staying),
    graphOptimizationLevel: options.optimise === false ? "disabled" : "all",
    logSeverityLevel: 3,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    extra: { session },
  };
  try {
    return "path" in graph
      ? await InferenceSession.create(graph.path, settings)
      : await InferenceSession.create(graph.bytes, settings);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (saysOutOfMemory(reason)) throw outOfMemoryError(`while the ${name} was loaded (${reason})`, cause);
    throw new DexarError(
      "session-failed",
      `ONNX Runtime could not load the ${name}: ${reason}`,
      "Check the model folder; on the command line `dexar models inspect` says what is wrong with it.",
      { cause },
    );
  }
}

/** What depends on the device, and names of nodes that run on the CPU all the same. */
function deviceSettings(
  device: SessionDevice,
  onCpu: readonly string[],
  staying: readonly string[],
): InferenceSession.SessionOptions {
  const provider = onCpu.length === 0 ? device : { name: device, forceCpuNodeNames: onCpu };
  return {
    executionProviders: [provider],
    ...(keepsTensors(device) ? { preferredOutputLocation: onDevice(staying) } : {}),
    ...(device === "dml" ? DIRECTML : {}),
  };
}

/** What DirectML asks for. */
const DIRECTML = { enableMemPattern: false, executionMode: "sequential" } as const;

/** Outputs that are not named come back to main memory. */
function onDevice(outputs: readonly string[]): Record<string, "gpu-buffer"> {
  return Object.fromEntries(outputs.map((name) => [name, "gpu-buffer"]));
}
