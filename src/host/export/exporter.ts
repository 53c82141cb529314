import path from "node:path";
import * as vscode from "vscode";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import type { PanelReplies, PanelRequests } from "../../protocol/panel.js";
import type { FailureLog } from "../errors/showError.js";
import { runMissing } from "../runs/runMissing.js";
import type { StoredRuns } from "../runs/storedRuns.js";
import type { ExportFormat, RunEntry } from "../services.js";
import { exportContent, type FileFormat } from "./exportContent.js";
import { proposedPlace } from "./proposedPlace.js";
import { saveAs } from "./saveAs.js";

/** Saves runs where the user says, in the formats of the product. */
export class Exporter {
  /** @param bundles folder of the built page (`dist`) */
  constructor(
    private readonly runs: StoredRuns,
    private readonly bundles: string,
    private readonly log: FailureLog,
  ) {}

  /**
   * Saves a run as it is kept; the name of the file, or null when the user gave up.
   * @throws DexarError `run-missing`, or of a damaged run file
   */
  exportRun(id: string, format: FileFormat): Promise<string | null> {
    return this.exportFile(id, format, null);
  }

  /** Answers a page: what it shows, with its present settings, or the picture it has drawn. */
  async exportPanel(params: PanelRequests["export"]): Promise<PanelReplies["export"]> {
    const saved =
      params.format === "png"
        ? await this.save(await this.entry(params.runId), "png", params.suffix, params.png)
        : await this.exportFile(params.runId, params.format, params.settings);
    return { saved };
  }

  private async exportFile(
    id: string,
    format: FileFormat,
    settings: AttributionSettings | null,
  ): Promise<string | null> {
    const entry = await this.entry(id);
    const content = await exportContent(await this.runs.read(id), format, settings, this.bundles);
    return this.save(entry, format, "", content);
  }

  private async entry(id: string): Promise<RunEntry> {
    await this.runs.ready;
    const entry = this.runs.get(id);
    if (!entry) throw runMissing();
    return entry;
  }

  private async save(
    entry: RunEntry,
    format: ExportFormat,
    suffix: string,
    content: Uint8Array,
  ): Promise<string | null> {
    const { label, ending } = describe(format);
    const place = await saveAs(
      content,
      {
        title: vscode.l10n.t("Save the Explanation"),
        place: proposedPlace(entry.image, suffix, ending),
        filters: { [label]: [ending] },
      },
      this.log,
    );
    return place === null ? null : path.posix.basename(place.path);
  }
}

function describe(format: ExportFormat): { readonly label: string; readonly ending: string } {
  switch (format) {
    case "json":
      return { label: vscode.l10n.t("JSON"), ending: "json" };
    case "run":
      return { label: vscode.l10n.t("DEX-AR Run"), ending: "dexar" };
    case "html":
      return { label: vscode.l10n.t("Web Page"), ending: "html" };
    case "png":
      return { label: vscode.l10n.t("PNG Picture"), ending: "png" };
  }
}
