import { readdir } from "node:fs/promises";
import path from "node:path";
import { modelName } from "../../core/modelName.js";
import type { HubEntry, HubModelState } from "../../hub/modelList.js";
import { folderBytes } from "../../hub/store.js";
import { modelsIn } from "./modelFolders.js";

/** A model as the Models view lists it. */
export interface MachineModel extends Omit<HubEntry, "state"> {
  readonly state: "bundled" | "folder" | HubModelState;
}

/** Where models are looked for. */
export interface MachinePlaces {
  /** Folder of the extension's own models. */
  readonly bundled: string;
  /** The user's model folders. */
  readonly folders: readonly string[];
  readonly hub: readonly HubEntry[];
}

/** All models: bundled ones, the user's folders, those of the hub; no folder twice. */
export async function machineModels({ bundled, folders, hub }: MachinePlaces): Promise<MachineModel[]> {
  const own = await modelsIn(bundled);
  const ofHub = hub.flatMap(({ dir }) => (dir === null ? [] : [dir]));
  const others = folders.filter((folder) => !own.includes(folder) && !ofHub.includes(folder));
  return [
    ...(await Promise.all(own.map((dir) => folderModel(dir, "bundled")))),
    ...(await Promise.all([...new Set(others)].map((dir) => folderModel(dir, "folder")))),
    ...hub,
  ];
}

async function folderModel(dir: string, state: "bundled" | "folder"): Promise<MachineModel> {
  const bytes = await graphBytes(dir);
  return { name: modelName(dir), dir, state, bytes, dtypes: [], missing: [], download: null, known: null };
}

/** Only the graphs: a user's folder may hold much else. */
async function graphBytes(dir: string): Promise<number> {
  const entries = await readdir(path.join(dir, "onnx")).catch(() => []);
  return entries.length === 0 ? 0 : folderBytes(path.join(dir, "onnx"));
}
