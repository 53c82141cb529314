import { env } from "onnxruntime-node";

/** Version of the ONNX Runtime that runs the sessions. */
export const ORT_VERSION: string = env.versions.node ?? env.versions.common;
