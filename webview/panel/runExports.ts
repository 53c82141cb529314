import * as l10n from "@vscode/l10n";
import exportIcon from "@vscode/codicons/src/icons/export.svg";
import { toBase64 } from "../../src/core/run/packArrays.js";
import type { PanelRequests, PaperPreferences, PictureBytes } from "../../src/protocol/panel.js";
import { element } from "../components/element.js";
import { menu, type MenuItem } from "../components/menu.js";
import { exportFigure, exportPicture } from "./exportPicture.js";
import type { PanelHost } from "./panelHost.js";
import type { Store } from "./store.js";

/** A shown run that can be exported. */
export interface ExportableRun {
  readonly runId: string;
  readonly store: Store;
  readonly picture: HTMLImageElement;
  /** The picture's file; absent where `picture` itself is a `data:` address. */
  readonly file?: PictureBytes | undefined;
  readonly paper: PaperPreferences;
}

export type ExportKind = PanelRequests["export"]["format"] | "copy";

/**
 * Saves or copies what is shown.
 * @returns what happened, for the reader; null when a person changed their mind
 * @throws DexarError of the request
 */
export async function exportRun(
  host: PanelHost,
  run: ExportableRun,
  kind: ExportKind,
): Promise<string | null> {
  const { store, paper } = run;
  switch (kind) {
    case "copy":
      await navigator.clipboard.write([
        new ClipboardItem({ "image/png": exportPicture(store, dataAddress(run), paper) }),
      ]);
      return l10n.t("The picture is on the clipboard.");
    case "png":
      return savePicture(host, run, kind, await exportPicture(store, dataAddress(run), paper));
    case "svg": {
      const { svg } = await exportFigure(store, dataAddress(run), paper);
      return savePicture(host, run, kind, new Blob([svg], { type: "image/svg+xml" }));
    }
    case "json":
    case "run":
    case "html":
      return request(host, { format: kind, runId: run.runId, settings: run.store.state.settings });
  }
}

async function savePicture(
  host: PanelHost,
  { store, runId }: ExportableRun,
  format: "png" | "svg",
  picture: Blob,
): Promise<string | null> {
  const suffix = pictureSuffix(store);
  if (!host.can.run) return download(picture, `${baseName(store)}.${suffix}.${format}`);
  const content = new Uint8Array(await picture.arrayBuffer());
  return request(host, { format, runId, content, suffix });
}

function dataAddress({ picture, file }: ExportableRun): string {
  return file ? `data:${file.type};base64,${toBase64(file.bytes)}` : picture.src;
}

async function request(host: PanelHost, params: PanelRequests["export"]): Promise<string | null> {
  const { saved } = await host.request("export", params);
  return saved === null ? null : l10n.t("Saved: {0}", saved);
}

/** `answer`, or `token-03-cat`: letters and digits only, so that any file system takes it. */
export function pictureSuffix({ data, state }: Store): string {
  const token = state.selected === null ? undefined : data.info.tokens[state.selected];
  if (state.selected === null || !token) return "answer";
  const word = token.text
    .trim()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  const number = String(state.selected + 1).padStart(2, "0");
  return word === "" ? `token-${number}` : `token-${number}-${word}`;
}

function baseName({ data }: Store): string {
  return data.info.image.name.replace(/\.[^.]+$/, "");
}

function download(blob: Blob, name: string): string {
  const address = URL.createObjectURL(blob);
  element("a", { attributes: { href: address, download: name } }).click();
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return l10n.t("Saved: {0}", name);
}

/** The menu of everything this place can export. */
export function drawExportMenu(host: PanelHost, choose: (kind: ExportKind) => void): HTMLElement {
  const texts: Readonly<Record<ExportKind, () => string>> = {
    png: () => l10n.t("Save picture as PNG"),
    svg: () => l10n.t("Save picture as SVG"),
    copy: () => l10n.t("Copy picture"),
    json: () => l10n.t("Save as JSON"),
    run: () => l10n.t("Save run file"),
    html: () => l10n.t("Save as HTML page"),
  };
  const kinds: ExportKind[] = [...host.can.exports, "copy"];
  const items = kinds.map((kind): MenuItem => ({ text: texts[kind](), choose: () => choose(kind) }));
  return menu(exportIcon, l10n.t("Export"), items);
}
