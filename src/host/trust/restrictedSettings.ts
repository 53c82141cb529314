import * as vscode from "vscode";

/**
 * Settings that choose which program and which model files run; `restrictedConfigurations` of package.json lists the
 * same. A workspace that is not trusted may not set them.
 */
export const RESTRICTED_SETTINGS: readonly string[] = [
  "node.path",
  "model.path",
  "model.device",
  "model.visionDevice",
  "model.embeddingDevice",
  "model.decoderDevice",
  "model.dtype",
  "models.folder",
  "models.endpoint",
];

/** The value of a `dexar.*` setting; of a restricted one only the user's own value while the workspace is not trusted. */
export function trustedValue(configuration: vscode.WorkspaceConfiguration, name: string): unknown {
  if (vscode.workspace.isTrusted || !RESTRICTED_SETTINGS.includes(name)) return configuration.get(name);
  // The editor hides those values too; this holds where it does not know of them.
  const found = configuration.inspect(name);
  return found?.globalValue ?? found?.defaultValue;
}
