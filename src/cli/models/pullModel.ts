import { bytesText } from "../../core/memory/bytesText.js";
import { DexarError } from "../../core/errors.js";
import { totalBytes } from "../../hub/chooseFiles.js";
import { downloadModel } from "../../hub/downloadModel.js";
import type { DownloadPlan } from "../../hub/downloadState.js";
import { modelPage, type Hub } from "../../hub/hubApi.js";
import { needsConsent } from "../../hub/licences.js";
import { askForOffer, begunPlan, planOf, type Wish } from "../../hub/offer.js";
import { modelStoreFolder } from "../../hub/places.js";
import type { StoredModel } from "../../hub/store.js";
import type { CliContext } from "../context.js";
import { openHub } from "../hub/openHub.js";
import { withInterrupts } from "../interrupts.js";
import { DownloadLine } from "./downloadLine.js";
import { percent } from "./formatModelList.js";

/**
 * Downloads a model, or the rest of it, telling on stderr how far it is.
 * @param accepted the user accepts its licence
 * @throws DexarError `cancelled` when paused by Ctrl-C, and those of `downloadModel`
 */
export function pullModel({ io }: CliContext, wish: Wish, accepted: boolean): Promise<StoredModel> {
  const store = modelStoreFolder(io.env);
  const line = new DownloadLine(io.stderr, io.stderr.isTTY && io.env["TERM"] !== "dumb");
  return withInterrupts(io, async ({ signal }) => {
    try {
      const hub = await openHub(io.env, signal);
      const begun = await begunPlan(store, wish);
      const plan = begun ?? planOf(await askForOffer(hub, store, wish), wish.dtype);
      io.stderr.write(`${planText(plan, hub)}\n`);
      return await downloadModel(hub, store, plan, { accepted, onProgress: (progress) => line.show(progress) });
    } catch (error) {
      throw signal.aborted ? paused(wish.name, line) : error;
    } finally {
      line.clear();
    }
  });
}

function planText(plan: DownloadPlan, { endpoint }: Hub): string {
  const { name, commit, dtype, files, licence } = plan;
  const what = `${name} ${dtype}: ${files.length} files, ${bytesText(totalBytes(files))}, from ${endpoint} at ${commit.slice(0, 12)}`;
  const named = licence === null ? "none named" : licence.id;
  const where = needsConsent(licence) ? ` (${licence?.link ?? modelPage(endpoint, name)})` : "";
  return `${what}\nlicence: ${named}${where}`;
}

function paused(name: string, { progress }: DownloadLine): DexarError {
  const share = progress === null ? "" : ` at ${percent(progress.received, progress.total)}`;
  return new DexarError("cancelled", `Paused${share}. To go on: dexar models pull ${name}`, "Run the same command again.");
}
