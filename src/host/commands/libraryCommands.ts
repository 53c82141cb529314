import * as vscode from "vscode";
import { modelPage } from "../../hub/hubApi.js";
import { repoName } from "../../hub/repoName.js";
import type { MachineModel } from "../models/machineModels.js";
import type { ModelLibrary, Services } from "../services.js";
import { formatBytes } from "../views/formatBytes.js";
import { abilitiesOf, type ModelAbility } from "../views/hubModelRows.js";
import type { CommandTable, GetServices } from "./command.js";
import { downloadFlow, resumeDownload } from "./downloadFlow.js";
import { setModelPath } from "./setModelPath.js";

/** The models of the Models view: using, downloading, removing; from the palette the model is asked for. */
export function libraryCommands(services: GetServices, bundled: vscode.Uri): CommandTable {
  const on =
    (ability: ModelAbility, action: (model: MachineModel, services: Services) => unknown) =>
    async (row?: unknown): Promise<void> => {
      const present = services();
      const model = modelOf(row) ?? (await chooseModelFor(present.library, ability));
      if (model !== null) await action(model, present);
    };
  return {
    "dexar.models.use": on("use", ({ dir, state }) =>
      use(state === "bundled" && dir === bundled.fsPath ? "" : dir),
    ),
    "dexar.models.download": on("download", ({ name }, { library, model }) =>
      downloadFlow(library, model.log, name),
    ),
    "dexar.models.resume": on("resume", ({ name }, { library, model }) =>
      resumeDownload(library, model.log, name),
    ),
    "dexar.models.pause": on("pause", ({ name }, { library }) => library.pause(name)),
    "dexar.models.cancel": on("cancel", ({ name }, { library }) => library.cancel(name)),
    "dexar.models.remove": on("remove", (entry, services) => remove(services, entry)),
    "dexar.models.openPage": on("page", ({ name }, { library }) =>
      vscode.env.openExternal(vscode.Uri.parse(modelPage(library.endpoint, name))),
    ),
    "dexar.models.add": () => add(services()),
    "dexar.models.refresh": () => services().library.refresh(),
    "dexar.models.setToken": () => setToken(services().library),
    "dexar.models.removeToken": () => services().library.token.forget(),
  };
}

function modelOf(row: unknown): MachineModel | null {
  if (typeof row !== "object" || row === null || !("model" in row)) return null;
  return row.model as MachineModel;
}

async function chooseModelFor(library: ModelLibrary, ability: ModelAbility): Promise<MachineModel | null> {
  const models = (await library.list()).filter((model) =>
    abilitiesOf(model, library.progress(model.name) !== undefined, model.dir === library.usedFolder).includes(
      ability,
    ),
  );
  const items = models.map((model) => ({ label: model.name, description: model.dir ?? "", model }));
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Choose Model") });
  return chosen?.model ?? null;
}

async function use(dir: string | null): Promise<void> {
  if (dir !== null) await setModelPath(dir);
}

async function remove({ library, model: process }: Services, { name, bytes }: MachineModel): Promise<void> {
  const confirm = vscode.l10n.t("Remove");
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t("Remove {0}?", name),
    {
      modal: true,
      detail: vscode.l10n.t("{0} become free. It can be downloaded again.", formatBytes(bytes)),
    },
    confirm,
  );
  if (answer !== confirm) return;
  const model = (await library.list()).find((one) => one.name === name);
  const wasUsed = model !== undefined && model.dir === library.usedFolder;
  // On Windows files that are open cannot be removed.
  if (wasUsed) await process.stop();
  const freed = await library.remove(name);
  // A setting that leads nowhere would fail at the next question.
  if (wasUsed) await setModelPath("");
  void vscode.window.showInformationMessage(
    vscode.l10n.t("{0} is removed, {1} are free again.", name, formatBytes(freed)),
  );
}

async function add({ library, model }: Services): Promise<void> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Download Model"),
    prompt: vscode.l10n.t("Name of a vision-language model on the hub, with ONNX files"),
    placeHolder: "owner/name",
  });
  if (name !== undefined && name.trim() !== "") await downloadFlow(library, model.log, repoName(name));
}

async function setToken({ token }: ModelLibrary): Promise<void> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t("Hugging Face Token"),
    prompt: vscode.l10n.t("Kept in the editor's secret storage and sent to the model hub only"),
    password: true,
    ignoreFocusOut: true,
  });
  if (text !== undefined && text.trim() !== "") await token.set(text.trim());
}
