import * as vscode from "vscode";
import type { DownloadProgress } from "../../hub/progress.js";
import type { Proof } from "../../hub/publicModels.js";
import type { MachineModel } from "../models/machineModels.js";
import { formatBytes } from "./formatBytes.js";

/** What can be done with a model of the list: package.json's menus look for these words in `viewItem`. */
export type ModelAbility = "use" | "download" | "resume" | "pause" | "cancel" | "remove" | "inspect" | "page";

/** A line of the Models view. */
export interface HubModelRow {
  /** The name without its owner: in a narrow side bar, what tells models apart comes first. */
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  /** A codicon's name. */
  readonly icon: string;
  readonly abilities: readonly ModelAbility[];
}

/** What is known of a model beside where it lies. */
export interface RowFacts {
  /** undefined: it is not being downloaded. */
  readonly progress: DownloadProgress | null | undefined;
  readonly inUse: boolean;
}

/** The line of a model. */
export function hubModelRow(model: MachineModel, { progress, inUse }: RowFacts): HubModelRow {
  const loading = progress !== undefined;
  const state = loading ? progressText(progress) : stateText(model);
  const value = [inUse ? vscode.l10n.t("in use") : "", state].filter((text) => text !== "").join(" · ");
  return {
    label: model.name.slice(model.name.indexOf("/") + 1),
    value,
    detail: detailText(model),
    icon: loading ? "sync~spin" : inUse ? "pass-filled" : stateIcon(model),
    abilities: abilitiesOf(model, loading, inUse),
  };
}

/** What can be done with a model. */
export function abilitiesOf(model: MachineModel, loading: boolean, inUse: boolean): ModelAbility[] {
  const { state, dir, download } = model;
  const ofHub = state !== "bundled" && state !== "folder";
  const can: Readonly<Record<ModelAbility, boolean>> = {
    use: dir !== null && !inUse,
    download: ofHub && !loading && download === null && state !== "cached",
    resume: !loading && download !== null,
    pause: loading,
    cancel: loading || download !== null,
    remove: !loading && (state === "downloaded" || state === "damaged"),
    inspect: dir !== null,
    page: ofHub,
  };
  return (Object.keys(can) as ModelAbility[]).filter((ability) => can[ability]);
}

/** How far a running download is, in words. */
export function progressText(progress: DownloadProgress | null): string {
  if (progress === null) return vscode.l10n.t("starting…");
  const { phase, received, total, bytesPerSecond, secondsLeft, waiting } = progress;
  const share = vscode.l10n.t("{0} of {1}", percent(received, total), formatBytes(total));
  if (waiting !== undefined)
    return [share, vscode.l10n.t("waiting {0} s: {1}", waiting.seconds, waiting.reason)].join(" · ");
  if (phase === "checking") return [share, vscode.l10n.t("checking")].join(" · ");
  const speed = bytesPerSecond === null ? [] : [vscode.l10n.t("{0} per second", formatBytes(bytesPerSecond))];
  const left = secondsLeft === null ? [] : [vscode.l10n.t("{0} left", timeText(secondsLeft))];
  return [share, ...left, ...speed].join(" · ");
}

/** A share in whole percent, 100 only at the end, in the editor's language. */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : Math.floor((part / whole) * 100) / 100;
  return new Intl.NumberFormat(vscode.env.language, { style: "percent" }).format(share);
}

function timeText(seconds: number): string {
  const [unit, value] =
    seconds < 120
      ? (["second", seconds] as const)
      : seconds < 7200
        ? (["minute", seconds / 60] as const)
        : (["hour", seconds / 3600] as const);
  const style = { style: "unit", unit, maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(vscode.env.language, style).format(Math.ceil(value));
}

function stateText({ state, bytes, dtypes, download, missing, known }: MachineModel): string {
  const paused =
    download === null
      ? ""
      : vscode.l10n.t(
          "{0} paused at {1} of {2}",
          download.dtype,
          percent(download.received, download.total),
          formatBytes(download.total),
        );
  switch (state) {
    case "bundled":
      return vscode.l10n.t("comes with DEX-AR");
    case "folder":
      return vscode.l10n.t("folder, {0}", formatBytes(bytes));
    case "downloaded":
      return [vscode.l10n.t("downloaded, {0}, {1}", dtypes.join(", "), formatBytes(bytes)), paused]
        .filter(Boolean)
        .join(" · ");
    case "damaged":
      return vscode.l10n.t("damaged, lacks {0}", missing.join(", "));
    case "paused":
      return paused;
    case "cached":
      return vscode.l10n.t("Hugging Face cache, {0}, {1}", dtypes.join(", "), formatBytes(bytes));
    case "incomplete":
      return vscode.l10n.t("incomplete in the Hugging Face cache, lacks {0}", missing.join(", "));
    case "available":
      return [known?.usualDownload, known?.licence].filter(Boolean).join(" · ");
  }
}

function stateIcon({ state }: MachineModel): string {
  switch (state) {
    case "bundled":
      return "package";
    case "folder":
      return "folder";
    case "downloaded":
    case "cached":
      return "database";
    case "paused":
      return "debug-pause";
    case "damaged":
    case "incomplete":
      return "warning";
    case "available":
      return "cloud";
  }
}

/** What the hover says beyond the line. */
function detailText({ dir, known }: MachineModel): string {
  const lines = dir === null ? [] : [vscode.l10n.t("Folder: {0}", dir)];
  if (known !== null) {
    const sizes = Object.entries(known.decoderMegabytes).map(
      ([dtype, size]) => `${dtype} ${formatBytes(size * 1e6)}`,
    );
    lines.push(
      vscode.l10n.t("Family: {0}", known.family),
      vscode.l10n.t("Tasks: {0}", known.tasks.join(", ")),
    );
    if (known.licence !== null) lines.push(vscode.l10n.t("Licence: {0}", known.licence));
    if (known.usualDownload !== null) lines.push(vscode.l10n.t("About {0} in 4 bits", known.usualDownload));
    if (sizes.length > 0) lines.push(vscode.l10n.t("Decoder: {0}", sizes.join(", ")));
    lines.push(vscode.l10n.t("Known to work: {0}", knownText(known.proof)));
  }
  return lines.join("\n");
}

function knownText(proof: Proof): string {
  switch (proof) {
    case "tiny-model":
      return vscode.l10n.t("not tried with its real weights; its family is proven on a tiny model");
    case "none":
      return vscode.l10n.t("not tried; its family is not supported yet");
  }
}
