import { readFileSync } from "node:fs";
import os from "node:os";
import { withoutHome } from "../../core/withoutHome.js";
import { PROTOCOL_VERSION } from "../../protocol/modelProcess.js";
import type { Diagnosis } from "../../protocol/doctor.js";
import { readMachineMemory } from "../memory/machineMemory.js";
import { deviceFacts } from "../session/deviceFacts.js";
import { TOOL } from "../version.js";
import { cacheFacts } from "./caches.js";
import { shownEnvironment } from "./environment.js";

/** Versions that matter; `electron` where an editor's own program runs this. */
const VERSIONS = ["node", "electron", "v8", "napi", "modules"];

/** All that can be said of this machine without running a model or a device. */
export async function diagnose(env = process.env): Promise<Diagnosis> {
  const { onnxRuntime, cards, devices } = deviceFacts();
  const processors = os.cpus();
  const safe = (text: string): string => withoutHome(text, os.homedir());
  const versions = VERSIONS.flatMap((name) => {
    const version = process.versions[name];
    return version === undefined ? [] : [[name, version] as const];
  });
  return {
    tool: TOOL,
    protocol: PROTOCOL_VERSION,
    program: { path: safe(process.execPath), versions: Object.fromEntries(versions) },
    system: { platform: process.platform, arch: process.arch, release: os.release(), name: systemName() },
    processor: {
      model: processors[0]?.model.trim() ?? "unknown",
      cores: processors.length,
      usable: os.availableParallelism(),
    },
    memory: { total: os.totalmem(), available: readMachineMemory().available },
    cards,
    onnxRuntime: { ...onnxRuntime, folder: safe(onnxRuntime.folder) },
    devices: devices.map(({ missing, ...device }) => ({
      ...device,
      missing: missing && { ...missing, reason: safe(missing.reason) },
    })),
    environment: shownEnvironment(env),
    caches: await cacheFacts(env),
  };
}

/** Linux distribution, or the system's own words. */
function systemName(): string | null {
  if (process.platform !== "linux") return os.version();
  try {
    return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}
