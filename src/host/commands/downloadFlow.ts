import * as vscode from "vscode";
import { showError, type FailureLog } from "../errors/showError.js";
import type { DownloadPlan } from "../../hub/downloadState.js";
import { modelPage } from "../../hub/hubApi.js";
import { needsConsent } from "../../hub/licences.js";
import { planOf, type HubOffer } from "../../hub/offer.js";
import type { ModelLibrary } from "../services.js";
import { formatBytes } from "../views/formatBytes.js";
import { setModelPath } from "./setModelPath.js";
import { withProgress } from "./withProgress.js";

interface DtypeItem extends vscode.QuickPickItem {
  readonly dtype: string;
}

/**
 * Asks the hub about a model and the user which weight type and, where needed, whether the licence is accepted; then
 * starts the download. One that was begun is gone on with. Returns when it has started.
 */
export async function downloadFlow(library: ModelLibrary, log: FailureLog, name: string): Promise<void> {
  if (await resumeDownload(library, log, name)) return;
  const host = new URL(library.endpoint).host;
  const offer = await withProgress(vscode.l10n.t("Asking {0} about {1}", host, name), (signal) =>
    library.offer(name, signal),
  );
  const dtype = await chooseDtype(offer, await dtypesHere(library, name));
  if (dtype === null) return;
  const plan = planOf(offer, dtype);
  const consent = needsConsent(plan.licence);
  if (consent && !(await acceptLicence(plan, modelPage(library.endpoint, name)))) return;
  follow(library, log, plan, consent);
}

/** Goes on with a download that was begun; returns when it has started, false where there is none. */
export async function resumeDownload(library: ModelLibrary, log: FailureLog, name: string): Promise<boolean> {
  const plan = await library.begun(name);
  if (plan !== null) follow(library, log, plan, false);
  return plan !== null;
}

/** Starts a download and shows in the view that it runs, in the end that it is done or what went wrong. */
function follow(library: ModelLibrary, log: FailureLog, plan: DownloadPlan, accepted: boolean): void {
  const work = library.start(plan, accepted);
  void vscode.window.withProgress({ location: { viewId: "dexar.models" } }, () => work.catch(() => null));
  work.then(
    (model) => (model === null ? undefined : offerUse(model.name, model.dir)),
    (error: unknown) => showError(error, log),
  );
}

async function offerUse(name: string, dir: string): Promise<void> {
  const use = vscode.l10n.t("Use Model");
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t("{0} is downloaded.", name), use);
  if (answer === use) await setModelPath(dir);
}

async function dtypesHere(library: ModelLibrary, name: string): Promise<readonly string[]> {
  const model = (await library.list()).find((one) => one.name === name);
  return model?.state === "downloaded" ? model.dtypes : [];
}

async function chooseDtype(
  { model, dtypes, usual }: HubOffer,
  here: readonly string[],
): Promise<string | null> {
  const items: DtypeItem[] = dtypes
    .filter(({ dtype }) => !here.includes(dtype))
    .map(({ dtype, bytes }) => ({
      label: dtype,
      description: formatBytes(bytes),
      ...(dtype === usual ? { detail: vscode.l10n.t("Usual choice") } : {}),
      dtype,
    }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("{0} is here in every weight type it is offered in.", model.name),
    );
    return null;
  }
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Download {0}", model.name),
    placeHolder: vscode.l10n.t("In which weight type?"),
  });
  return chosen?.dtype ?? null;
}

async function acceptLicence({ name, licence }: DownloadPlan, page: string): Promise<boolean> {
  const [accept, read] = [vscode.l10n.t("Accept and Download"), vscode.l10n.t("Read Licence")];
  const title =
    licence === null
      ? vscode.l10n.t("{0} names no licence.", name)
      : vscode.l10n.t("{0} has the licence {1}.", name, licence.id);
  const where = licence?.link ?? page;
  const detail = vscode.l10n.t(
    "It may forbid some uses. Read it, and download the model only if you accept it: {0}",
    where,
  );
  for (;;) {
    const answer = await vscode.window.showWarningMessage(title, { modal: true, detail }, accept, read);
    if (answer !== read) return answer === accept;
    await vscode.env.openExternal(vscode.Uri.parse(where));
  }
}
