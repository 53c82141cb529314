import { Option } from "commander";
import type { Device } from "../../protocol/modelProcess.js";

const DEVICES: readonly Device[] = ["auto", "cpu", "webgpu", "cuda", "dml", "coreml"];

/** `--device`: all names are known, so that the model process can say what this version lacks. */
export function deviceOption(): Option {
  return new Option("--device <name>", "where to run; auto: webgpu where it works, else cpu")
    .choices(DEVICES)
    .default("cpu" satisfies Device);
}
