import * as vscode from "vscode";
import type { ModelStatus } from "../../protocol/panel.js";
import { isRunning, stateIcon, stateText } from "../statusBar/statusText.js";
import { formatBytes } from "./formatBytes.js";

/** A line of the Model view. */
export interface ModelRow {
  readonly id: "state" | "model" | "device" | "dtype" | "size" | "memory";
  readonly label: string;
  readonly value: string;
  /** More than fits into the line. */
  readonly detail?: string;
  /** A codicon's name. */
  readonly icon: string;
  /** What the `viewItem` of package.json's menus is. */
  readonly context: string;
}

/** The lines of the Model view; none while the model is stopped, for then the view says how to start it. */
export function modelRows(status: ModelStatus): ModelRow[] {
  const { state, name, dtype, size, memory } = status;
  if (state === "stopped") return [];
  const rows: ModelRow[] = [
    {
      id: "state",
      label: vscode.l10n.t("State"),
      value: stateText(state),
      icon: stateIcon(state),
      context: isRunning(state) ? "dexarStateRunning" : "dexarStateFailed",
    },
    { id: "model", label: vscode.l10n.t("Model"), value: name, icon: "symbol-class", context: "dexarModel" },
    deviceRow(status),
    {
      id: "dtype",
      label: vscode.l10n.t("Weights"),
      value: dtype ?? vscode.l10n.t("best available"),
      icon: "symbol-numeric",
      context: "dexarSetting",
    },
  ];
  if (size !== null) rows.push(plain("size", vscode.l10n.t("Size on disk"), formatBytes(size), "database"));
  if (memory !== null) rows.push(plain("memory", vscode.l10n.t("Memory"), formatBytes(memory), "dashboard"));
  return rows;
}

/** Where the model runs, and what is known of that place. */
function deviceRow({ device: main, devices, deviceDifference, deviceNotice }: ModelStatus): ModelRow {
  const mixed = devices !== undefined && devices.vision !== devices.decoder;
  const device = mixed ? vscode.l10n.t("{0}, pictures on {1}", main, devices.vision) : main;
  const row = {
    id: "device",
    label: vscode.l10n.t("Device"),
    icon: "chip",
    context: "dexarSetting",
  } as const;
  if (deviceNotice !== undefined) {
    return { ...row, value: vscode.l10n.t("{0}, not as preferred", device), detail: deviceNotice };
  }
  if (deviceDifference === undefined) {
    return { ...row, value: device === "auto" ? vscode.l10n.t("best available") : device };
  }
  const difference = deviceDifference.toExponential(1);
  const detail = vscode.l10n.t("Checked against the processor: largest relative difference {0}.", difference);
  return { ...row, value: vscode.l10n.t("{0}, checked", device), detail };
}

function plain(id: ModelRow["id"], label: string, value: string, icon: string): ModelRow {
  return { id, label, value, icon, context: "dexarFact" };
}
