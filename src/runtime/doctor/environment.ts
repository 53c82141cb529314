import { homedir } from "node:os";
import { withoutHome } from "../../core/withoutHome.js";
import { withoutSecrets } from "../../core/withoutSecrets.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that change what DEX-AR, ONNX Runtime or a graphics driver does. */
const SHOWN = [
  "DEXAR_CACHE",
  "DEXAR_MODELS",
  "XDG_CACHE_HOME",
  "XDG_DATA_HOME",
  "HF_HOME",
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "HF_ENDPOINT",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "NODE_OPTIONS",
  "NODE_EXTRA_CA_CERTS",
  "ELECTRON_RUN_AS_NODE",
  "LD_LIBRARY_PATH",
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
  "CUDA_PATH",
  "CUDA_VISIBLE_DEVICES",
  "NVIDIA_TF32_OVERRIDE",
  "OMP_NUM_THREADS",
];
/** Variables whose value nobody may see. */
const SECRET = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/** The variables that are set, safe to show: no tokens, no names and passwords in addresses, `~` for the user's folder. */
export function shownEnvironment(env: Environment, home = homedir()): Record<string, string> {
  const value = (name: string): string | undefined => env[name] ?? env[name.toLowerCase()];
  const shown = SHOWN.flatMap((name) => {
    const text = value(name);
    return text ? [[name, withoutHome(isAddress(name) ? withoutSecrets(text) : text, home)] as const] : [];
  });
  const secret = SECRET.filter((name) => value(name)).map((name) => [name, "set (not shown)"] as const);
  return Object.fromEntries([...shown, ...secret]);
}

function isAddress(name: string): boolean {
  return /_(PROXY|ENDPOINT)$/.test(name);
}
