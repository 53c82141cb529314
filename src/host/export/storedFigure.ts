import * as vscode from "vscode";
import { runFigure, type FigureTexts } from "../../core/figure/runFigure.js";
import type { Figure } from "../../core/figure/types.js";
import { toBase64 } from "../../core/run/packArrays.js";
import { readRun } from "../../core/run/readRun.js";
import type { FinishedRun } from "../../protocol/panel.js";
import type { HostSettings } from "../settings/hostSettings.js";

/** The settings that a figure depends on. */
export type FigureSettings = Pick<HostSettings, "colourMap" | "opacity" | "smooth" | "paper">;

/**
 * The figure of a run's whole answer, as it was saved.
 * @throws DexarError of a damaged run file
 */
export async function storedFigure(
  { file, picture }: FinishedRun,
  { colourMap, opacity, smooth, paper }: FigureSettings,
): Promise<Figure> {
  const { run, attribution } = await readRun(file);
  return runFigure(run.info, attribution, {
    token: null,
    picture: `data:${picture.type};base64,${toBase64(picture.bytes)}`,
    style: { colourMap, opacity, smooth, grey: false, grid: false, tiles: true },
    paper: { widthMm: paper.widthMm, fontSizePt: paper.fontSizePt, background: "white" },
    texts: figureTexts(),
  });
}

function figureTexts(): FigureTexts {
  return {
    wholeAnswer: vscode.l10n.t("Whole answer"),
    tokenLabel: vscode.l10n.t("weighted gradient"),
    answerLabel: vscode.l10n.t("token maps weighted by δ"),
  };
}
