import path from "node:path";
import * as vscode from "vscode";
import type { AttributionSettings } from "../../core/attribution/settings.js";
import type { PanelReplies, PanelRequests } from "../../protocol/panel.js";
import type { FailureLog } from "../errors/showError.js";
import { runMissing } from "../runs/runMissing.js";
import type { ExportFormat, RunEntry, RunStore } from "../services.js";
import { exportContent, type FileFormat } from "./exportContent.js";
import type { DrawPng } from "./figurePng.js";
import { proposedPlace } from "./proposedPlace.js";
import { saveAs } from "./saveAs.js";
import { storedFigure, type FigureSettings } from "./storedFigure.js";

/** Saves runs where the user says, in the formats of the product. */
export class Exporter {
  /** @param bundles folder of the built page (`dist`) */
  constructor(
    private readonly runs: Pick<RunStore, "ready" | "get" | "read">,
    private readonly bundles: string,
    private readonly log: FailureLog,
    private readonly figures: { readonly settings: () => FigureSettings; readonly drawPng: DrawPng },
  ) {}

  /**
   * Saves a run as it is kept; the name of the file, or null when the user gave up.
   * A picture is the whole answer's.
   * @throws DexarError `run-missing`, of a damaged run file, or of the process that draws
   */
  async exportRun(id: string, format: ExportFormat): Promise<string | null> {
    if (format !== "png" && format !== "svg") return this.exportFile(id, format, null);
    const entry = await this.entry(id);
    return this.save(entry, format, "answer", await this.draw(id, format));
  }

  /** Answers a page: what it shows, with its present settings, or the picture it has drawn. */
  async exportPanel(params: PanelRequests["export"]): Promise<PanelReplies["export"]> {
    const saved =
      "content" in params
        ? await this.save(await this.entry(params.runId), params.format, params.suffix, params.content)
        : await this.exportFile(params.runId, params.format, params.settings);
    return { saved };
  }

  private async draw(id: string, format: "png" | "svg"): Promise<Uint8Array> {
    const { settings, drawPng } = this.figures;
    const figure = await storedFigure(await this.runs.read(id), settings());
    if (format === "svg") return new TextEncoder().encode(figure.svg);
    const title = vscode.l10n.t("Drawing the picture…");
    return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, () =>
      drawPng(figure),
    );
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
    case "svg":
      return { label: vscode.l10n.t("SVG Picture"), ending: "svg" };
  }
}
