import * as vscode from "vscode";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import { DexarError } from "../../core/errors.js";
import { readRunHeader } from "../../core/run/readRun.js";
import type { Run } from "../../core/run/types.js";
import type { RunModels } from "../models/runModels.js";
import type { Panels, Question, RunStore } from "../services.js";
import type { ReadSettings } from "../settings/hostSettings.js";
import { modelForRun } from "./modelForRun.js";
import type { RunPictures } from "./runPictures.js";
import { questionOfRun } from "./questionOfRun.js";
import { runMissing } from "./runMissing.js";

/** What asking a run's question again needs. */
export interface RerunServices {
  readonly runModels: Pick<RunModels, "find">;
  readonly pictures: Pick<RunPictures, "fileOf">;
  readonly panels: Pick<Panels, "ask">;
  readonly readSettings: ReadSettings;
}

/** A run whose question is asked again. */
export interface RunToAsk extends Pick<Run, "info" | "image"> {
  /** Where its picture may still lie. */
  readonly places: readonly vscode.Uri[];
}

/** What is asked otherwise than in the run. */
export interface RunChanges {
  readonly form: Pick<Question, "prompt" | "target" | "maxNewTokens" | "live">;
  readonly settings: Partial<AttributionSettings>;
  /** The run's own file, to go on with its answer. */
  readonly continueFrom?: string;
}

/**
 * Asks a run's question again with changes, in a panel; asks the user first where the run's model is not known.
 * @throws DexarError `output-write-failed` when its picture is gone and cannot be written
 */
export async function rerun(run: RunToAsk, changes: RunChanges, services: RerunServices): Promise<void> {
  const { runModels, pictures, panels, readSettings } = services;
  if (run.info.images && changes.continueFrom === undefined) throw severalPictures();
  const model = await modelForRun(run.info.model, runModels, () => readSettings().model);
  if (model === undefined) return;
  const image = await pictures.fileOf(run.info.image, async () => run.image, run.places);
  const question = questionOfRun(run.info, image, model);
  const { layers, overrides, ...settings } = changes.settings;
  const ofModel = model === null ? {} : { ...(layers && { layers }), ...(overrides && { overrides }) };
  const attribution = { ...question.attribution, ...settings, ...ofModel };
  const { continueFrom } = changes;
  const others = continueFrom === undefined ? {} : { continueFrom };
  await panels.ask({ ...question, ...changes.form, attribution, ...others });
}

/**
 * Goes on with the answer of a kept run, in a panel.
 * @throws DexarError `run-missing`, `output-write-failed`
 */
export async function continueRun(
  id: string,
  services: RerunServices & { readonly runs: Pick<RunStore, "get" | "read"> },
): Promise<void> {
  const { runs, readSettings } = services;
  const entry = runs.get(id);
  if (!entry) throw runMissing();
  const { image } = await readRunHeader((await runs.read(id)).file);
  const { maxNewTokens, live } = readSettings();
  const { info, runPath } = entry.saved;
  const form = { prompt: info.prompt.text, target: null, maxNewTokens, live };
  const run = { info, image, places: [entry.image] };
  await rerun(run, { form, settings: {}, continueFrom: runPath }, services);
}

/**
 * Shows a kept run with its question ready to be changed.
 * @throws DexarError `run-missing`, `output-write-failed`
 */
export async function prepareRerun(
  id: string,
  services: Omit<RerunServices, "panels"> & {
    readonly panels: Pick<Panels, "prepare">;
    readonly runs: Pick<RunStore, "get" | "read">;
  },
): Promise<void> {
  const { runs, runModels, pictures, panels, readSettings } = services;
  const entry = runs.get(id);
  if (!entry) throw runMissing();
  const { info } = entry.saved;
  const model = await modelForRun(info.model, runModels, () => readSettings().model);
  if (model === undefined) return;
  const read = async (): Promise<Uint8Array> => (await readRunHeader((await runs.read(id)).file)).image;
  const { withImages } = entry;
  if (info.images && !withImages) throw severalPictures();
  const picture = withImages ? entry.image : await pictures.fileOf(info.image, read, [entry.image]);
  const others = withImages ? { withImages } : {};
  await panels.prepare(id, { ...questionOfRun(info, picture, model), ...others });
}

/** The run's picture is a sheet then: asked about, it would be one picture. */
function severalPictures(): DexarError {
  return new DexarError(
    "run-of-several-pictures",
    vscode.l10n.t("This run is about several pictures, which cannot be asked about again from here."),
    vscode.l10n.t("Ask from the prompt file or the command line that names them."),
  );
}
