import type { LoadRequest } from "../../protocol/modelProcess.js";
import type { HostSettings } from "../settings/hostSettings.js";

/** Which model is wanted, and how: what a process is started for. */
export interface ModelTarget {
  readonly name: string;
  /** The plain Node to run the process with; null: the editor's own. */
  readonly nodePath: string | null;
  readonly load: LoadRequest;
}

/** The target of the present settings. */
export function targetOf({ model, device, dtype, nodePath }: HostSettings): ModelTarget {
  return { name: model.name, nodePath, load: { modelDir: model.dir, device, dtype } };
}

/** Whether a process that was started for one target serves the other. */
export function sameTarget(one: ModelTarget, other: ModelTarget): boolean {
  return (
    one.nodePath === other.nodePath &&
    one.load.modelDir === other.load.modelDir &&
    one.load.device === other.load.device &&
    one.load.dtype === other.load.dtype
  );
}
