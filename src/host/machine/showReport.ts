import * as vscode from "vscode";
import { withoutSecrets } from "../../core/withoutSecrets.js";
import { formatDoctor, type DoctorSection } from "../../modelClient/doctor/formatDoctor.js";
import { withProgress } from "../commands/withProgress.js";
import type { Services } from "../services.js";

/**
 * Examines the machine and opens the report as a text document. It stays in English: it is made to be pasted into a
 * report of a problem.
 */
export async function showReport(
  { machine, models, model }: Pick<Services, "machine" | "models" | "model">,
  extension: vscode.Extension<unknown>,
): Promise<void> {
  const title = vscode.l10n.t("Examining this machine");
  const content = await withProgress(title, async (signal, onProgress) => {
    const examination = await machine.examine({ signal, onProgress });
    const rows = (await models.list()).map(({ name, dir }) => [name, dir] as const);
    return formatDoctor(examination, [
      editorSection(extension),
      settingsSection(),
      { title: "Models", rows },
      statusSection(model),
    ]);
  });
  const document = await vscode.workspace.openTextDocument({ content, language: "plaintext" });
  await vscode.window.showTextDocument(document);
}

function editorSection({ id, packageJSON }: vscode.Extension<unknown>): DoctorSection {
  const { version } = packageJSON as { readonly version: string };
  return {
    title: "Editor",
    rows: [
      ["editor", `${vscode.env.appName} ${vscode.version}`],
      ["language", vscode.env.language],
      ["where", vscode.env.remoteName ?? "local"],
      ["extension", `${id} ${version}`],
      ["workspace", vscode.workspace.isTrusted ? "trusted" : "not trusted"],
    ],
  };
}

/** Settings that decide how a model runs, where they are not the default. */
function settingsSection(): DoctorSection {
  const configuration = vscode.workspace.getConfiguration("dexar");
  const names = [
    "node.path",
    "model.path",
    "model.device",
    "model.visionDevice",
    "model.embeddingDevice",
    "model.decoderDevice",
    "model.threads",
    "model.dtype",
    "model.idleMinutes",
    "models.folder",
    "models.endpoint",
  ];
  const rows = names.flatMap((name) => {
    const found = configuration.inspect(name);
    const value = configuration.get(name);
    return value === found?.defaultValue ? [] : [[`dexar.${name}`, settingText(name, value)] as const];
  });
  return {
    title: "Settings",
    rows: rows.length > 0 ? rows : [["", "all that choose the model are the defaults"]],
  };
}

/** Mirrors are written with passwords and tokens in their address, though those are refused. */
function settingText(name: string, value: unknown): string {
  return JSON.stringify(name === "models.endpoint" ? withoutSecrets(String(value)) : value);
}

function statusSection({ status }: Services["model"]): DoctorSection {
  const { state, name, device, dtype, deviceNotice } = status;
  const rows = [
    ["state", state],
    ["model", name],
    ["device", deviceNotice === undefined ? device : `${device} (${deviceNotice})`],
    ["weights", dtype ?? "best available"],
  ] as const;
  return { title: "Model process of this window", rows };
}
