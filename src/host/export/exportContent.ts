import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import { attribute } from "../../core/attribution/attribute.js";
import { attributionInput } from "../../core/attribution/attributionInput.js";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import { DexarError } from "../../core/errors.js";
import { htmlPage } from "../../core/run/htmlPage.js";
import { readRun } from "../../core/run/readRun.js";
import { reportData } from "../../core/run/reportData.js";
import { runToJson } from "../../core/run/runToJson.js";
import type { ShownAttribution } from "../../core/run/shownAttribution.js";
import type { Run } from "../../core/run/types.js";
import { writeRun } from "../../core/run/writeRun.js";
import type { FinishedRun } from "../../protocol/panel.js";
import type { ExportFormat } from "../services.js";
import { sameSettings } from "./sameSettings.js";

/** Formats that are made of a run here; pictures are drawn by the page. */
export type FileFormat = Exclude<ExportFormat, "png" | "svg">;

/**
 * A finished run in a format, as bytes.
 * @param settings as the panel shows the run now; null: as the run was saved
 * @param bundles folder of the built page (`dist`)
 * @throws DexarError of a damaged run file; `no-gradient` when settings need a gradient that was not saved
 */
export async function exportContent(
  finished: FinishedRun,
  format: FileFormat,
  settings: AttributionSettings | null,
  bundles: string,
): Promise<Uint8Array> {
  const stored = await readRun(finished.file);
  const asSaved = settings === null || sameSettings(settings, stored.run.info.settings);
  if (asSaved && format === "run") return finished.file;
  const { run, attribution } = asSaved ? stored : withSettings(stored.run, settings);
  switch (format) {
    case "run":
      return writeRun(run, attribution);
    case "json":
      return utf8(`${JSON.stringify(runToJson(run, attribution, { heatmaps: true }), null, 2)}\n`);
    case "html":
      return utf8(await page(run, attribution, finished, bundles));
  }
}

function withSettings(
  run: Run,
  settings: AttributionSettings,
): { readonly run: Run; readonly attribution: ReturnType<typeof attribute> } {
  return {
    run: { ...run, info: { ...run.info, settings } },
    attribution: attribute(attributionInput(run), settings),
  };
}

async function page(
  run: Run,
  attribution: ShownAttribution,
  { picture }: FinishedRun,
  bundles: string,
): Promise<string> {
  const script = await readBundle(bundles, "panel.js");
  const styles = await readBundle(bundles, "panel.css");
  const data = reportData(run, attribution, picture);
  const hash = (text: string): string => createHash("sha256").update(text).digest("base64");
  return htmlPage({ data, script, styles, hash });
}

/** A built file of the extension as text. @throws DexarError `report-assets-missing` */
export function readBundle(folder: string, name: string): Promise<string> {
  return readFile(path.join(folder, name), "utf8").catch((cause: unknown) => {
    throw new DexarError(
      "report-assets-missing",
      vscode.l10n.t("A file of the extension is missing: {0}.", path.join(folder, name)),
      vscode.l10n.t("Install the extension again."),
      { cause },
    );
  });
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
