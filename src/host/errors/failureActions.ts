import type { PanelAction } from "../../protocol/panel.js";

type ActionId = PanelAction["id"];

const PICTURE: readonly ActionId[] = ["chooseImage"];
const MODEL: readonly ActionId[] = ["chooseModel", "openSettings", "showLog"];
const FOLDER: readonly ActionId[] = ["inspectModel", "chooseModel", "showLog"];
const PROCESS: readonly ActionId[] = ["restartModel", "showLog"];
const SETTING: readonly ActionId[] = ["openSettings"];
const PROMPT: readonly ActionId[] = ["openSettings", "runAgain"];
const AGAIN: readonly ActionId[] = ["runAgain"];

const ACTIONS: Readonly<Record<string, readonly ActionId[]>> = {
  // the picture
  "image-not-found": PICTURE,
  "image-is-folder": PICTURE,
  "image-not-readable": PICTURE,
  "image-empty": PICTURE,
  "image-damaged": PICTURE,
  "image-format-unsupported": PICTURE,
  "image-too-large": PICTURE,
  "image-too-narrow": PICTURE,
  "image-layout-unknown": MODEL,
  "not-an-image": PICTURE,
  // the question and how it is answered
  "empty-prompt": PROMPT,
  "empty-target": AGAIN,
  "prompt-too-long": PROMPT,
  "bad-prompt": PROMPT,
  "bad-raw-prompt": PROMPT,
  "bad-target": AGAIN,
  "bad-setting": SETTING,
  "no-chat-template": ["chooseModel"],
  "one-picture": ["chooseModel", "chooseImage"],
  "run-of-several-pictures": [],
  "no-system-prompt": ["openSettings", "chooseModel"],
  "continue-other-picture": AGAIN,
  "continue-other-prompt": AGAIN,
  "continue-with-target": AGAIN,
  // prompt files: what is wrong is marked in them
  "prompt-file-broken": [],
  "selection-empty": [],
  "image-path-relative": [],
  "image-is-remote": PICTURE,
  "source-missing": AGAIN,
  // the model folder and what is in it
  "no-model": ["chooseModel", "restartModel"],
  "model-not-found": MODEL,
  "model-not-trusted": ["manageTrust"],
  "model-not-installed": ["chooseModel", "runAgain"],
  "model-file-missing": MODEL,
  "model-config-damaged": MODEL,
  "dtype-not-found": ["openSettings", "chooseModel"],
  "device-not-available": SETTING,
  "device-check-failed": SETTING,
  "decoder-structure": FOLDER,
  "unsupported-op": FOLDER,
  "model-not-folder": FOLDER,
  "not-a-model-folder": FOLDER,
  "model-not-exported": FOLDER,
  "model-layout": FOLDER,
  "model-file-pointer": FOLDER,
  "model-file-web-page": FOLDER,
  "model-download-unfinished": FOLDER,
  "model-config-mismatch": FOLDER,
  "model-parts-mismatch": FOLDER,
  "tokenizer-mismatch": FOLDER,
  "image-token-missing": FOLDER,
  "unsupported-window": MODEL,
  "features-mismatch": MODEL,
  "text-only-model": ["chooseModel"],
  "unknown-family": ["chooseModel"],
  "unsupported-family": ["chooseModel"],
  "session-failed": ["restartModel", ...MODEL],
  "gradient-not-finite": ["openSettings", "chooseModel"],
  "wrong-model": ["chooseModel", "runAgain"],
  // getting models
  "hub-endpoint": SETTING,
  "hub-unreachable": ["openSettings", "showLog"],
  "hub-unexpected": ["openSettings", "showLog"],
  "not-enough-disk": SETTING,
  "model-store-not-writable": SETTING,
  // the model process
  "model-process-died": ["restartModel", "chooseModel", "showLog"],
  "not-enough-memory": ["openSettings", "chooseModel", "runAgain"],
  "out-of-memory": ["chooseModel", "openSettings", "restartModel", "showLog"],
  "node-not-found": ["openSettings"],
  "node-not-node": ["openSettings"],
  "node-too-old": ["openSettings"],
  "model-process-timeout": PROCESS,
  "model-process-missing": ["openSettings", "showLog"],
  "model-process-version": ["openSettings", "showLog"],
  // runs
  "run-missing": AGAIN,
  "run-not-found": AGAIN,
  "run-not-readable": AGAIN,
  "run-not-reproducible": AGAIN,
  "run-file-damaged": AGAIN,
  "run-not-saved": ["runAgain", "showLog"],
  "output-write-failed": ["runAgain", "showLog"],
  "no-gradient": AGAIN,
  "no-reference-gradient": AGAIN,
  cancelled: AGAIN,
  interrupted: AGAIN,
  "panel-forgotten": PICTURE,
};

/** What a person can do about a failure with one click, most useful first, by the code of its DexarError. */
export function failureActions(code: string): readonly ActionId[] {
  // Anything that is wrong inside an .onnx file has a code of its own.
  if (code.startsWith("onnx-")) return MODEL;
  return ACTIONS[code] ?? ["showLog"];
}
