import { dirname, relative, sep } from "node:path";
import { allTensors, clone, externalRange, ModelProtoSchema, writeModel } from "../core/onnx/index.js";
import type { ModelProto, TensorProto } from "../core/onnx/index.js";
import type { DiskModelFolder } from "./modelFolder.js";

/** An encoded model and the directory its external data are relative to. */
export interface SessionModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** For the session option `extra.session.model_external_initializers_file_folder_path`; undefined: no external data. */
  readonly directory: string | undefined;
}

/**
 * Encodes a model for ONNX Runtime, which refuses external data behind symbolic links: locations become the files'
 * real places (in a Hugging Face cache its `blobs` folder), relative to the directory they have in common.
 */
export function sessionModel(folder: DiskModelFolder, model: ModelProto): SessionModel {
  const copy = clone(ModelProtoSchema, model);
  const placed = [...allTensors(copy)].flatMap(({ tensor }) => {
    const range = externalRange(tensor);
    const path = range && folder.realPath(range.location);
    return path === undefined ? [] : [{ tensor, path }];
  });
  const directory = commonDirectory([...new Set(placed.map(({ path }) => path))]);
  if (directory !== undefined) {
    for (const { tensor, path } of placed)
      setLocation(tensor, relative(directory, path).split(sep).join("/"));
  }
  return { bytes: writeModel(copy), directory };
}

function setLocation(tensor: TensorProto, location: string): void {
  for (const entry of tensor.externalData) if (entry.key === "location") entry.value = location;
}

function commonDirectory(paths: readonly string[]): string | undefined {
  const [first, ...rest] = paths.map(dirname);
  let common = first;
  for (const directory of rest) {
    while (common !== undefined && directory !== common && !directory.startsWith(common + sep)) {
      common = dirname(common);
    }
  }
  return common;
}
