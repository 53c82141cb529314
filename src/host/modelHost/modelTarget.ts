import type { DeviceWish, LoadRequest } from "../../protocol/modelProcess.js";
import type { ModelChoice } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";

/** Which model is wanted, and how: what a process is started for. */
export interface ModelTarget {
  readonly name: string;
  /** The plain Node to run the process with; null: the editor's own. */
  readonly nodePath: string | null;
  readonly load: LoadRequest;
}

/** The target of the present settings, with another model in place of theirs when one is chosen. */
export function targetOf(settings: HostSettings, choice: ModelChoice | null): ModelTarget {
  const { device, devices, threads, nodePath } = settings;
  const model = choice ?? settings.model;
  const dtype = choice?.dtype ?? settings.dtype;
  return {
    name: model.name,
    nodePath,
    load: {
      modelDir: model.dir,
      device,
      ...(devices && { devices }),
      ...(threads !== undefined && { threads }),
      dtype,
    },
  };
}

/**
 * Whether a process that was started for one target serves the other.
 * @param loadedDtype what it has loaded; null until then: where the best weights were asked for, these may be the wanted ones
 */
export function serves(running: ModelTarget, loadedDtype: string | null, wanted: ModelTarget): boolean {
  const { load } = wanted;
  return (
    running.nodePath === wanted.nodePath &&
    running.load.modelDir === load.modelDir &&
    isSamePlace(running.load, load) &&
    (running.load.dtype === load.dtype || (load.dtype !== null && loadedDtype === load.dtype))
  );
}

function isSamePlace(a: DeviceWish, b: DeviceWish): boolean {
  const place = ({ device, devices = {}, threads }: DeviceWish) =>
    [device, devices.vision, devices.embedding, devices.decoder, threads].join();
  return place(a) === place(b);
}
