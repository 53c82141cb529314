import { existsSync } from "node:fs";
import path from "node:path";
import { findLibraries, neededLibraries, type FoundLibrary } from "./sharedLibraries.js";
import type { MissingDevice } from "./deviceSupport.js";
import { ORT_VERSION } from "./ortVersion.js";

/** ONNX Runtime's own libraries for CUDA, which are too large for its package. */
const PROVIDERS = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];
/** NVIDIA's libraries; what is left is part of every Linux. */
const NVIDIA = /^lib(?:cu|nv)/;
const DRIVER = "libcuda.so.1";

/** Says which of CUDA's libraries are not there, and how to get them; null when all are. */
export function missingCuda(ortFolder: string): MissingDevice | null {
  const providers = PROVIDERS.filter((name) => !existsSync(path.join(ortFolder, name)));
  if (providers.length > 0) {
    const [driver] = findLibraries([DRIVER], ortFolder);
    const card = driver?.loadable === true ? "" : `; nor is there an NVIDIA driver (${DRIVER})`;
    return {
      reason: `ONNX Runtime's libraries for CUDA are not in ${ortFolder} (${providers.join(", ")})${card}`,
      nextStep: `Put them there: they are in runtimes/linux-x64/native of the NuGet package Microsoft.ML.OnnxRuntime.Gpu.Linux ${ORT_VERSION}, a zip file that can be downloaded on another machine`,
    };
  }
  const needed = neededLibraries(path.join(ortFolder, PROVIDERS[1] ?? "")).filter((name) =>
    NVIDIA.test(name),
  );
  return missingNvidia(findLibraries(needed, ortFolder));
}

/** The same of the libraries that ONNX Runtime's own need. */
export function missingNvidia(libraries: readonly FoundLibrary[]): MissingDevice | null {
  const unloadable = libraries.filter(({ loadable }) => !loadable);
  if (unloadable.length === 0) return null;
  const words = unloadable.map(({ name, path: file }) =>
    file === null
      ? `${name} was not found`
      : `${name} is in ${path.dirname(file)}, where the system does not look`,
  );
  const steps = unloadable.map(({ name, path: file }) => stepFor(name, file));
  return { reason: words.join(", "), nextStep: capital([...new Set(steps)].join("; ")) };
}

function stepFor(name: string, file: string | null): string {
  if (file !== null) return `add ${path.dirname(file)} to LD_LIBRARY_PATH before the editor or dexar starts`;
  if (name === DRIVER) return "install NVIDIA's driver";
  const version = /\.so\.(\d+)/.exec(name)?.[1] ?? "";
  if (/^lib(?:cudart|cublas)/.test(name)) return `install the CUDA ${version} runtime libraries with cuBLAS`;
  if (name.startsWith("libcudnn")) return `install cuDNN ${version}`;
  return `install the CUDA library ${name}`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
