import * as vscode from "vscode";
import { formatNumber, formatShare } from "../../core/run/formatNumber.js";
import { tokenLabel } from "../../core/run/tokenLabel.js";
import type { WordWinsReport } from "../../protocol/panel.js";
import type { TintedRun } from "../services.js";

/** Points at a word in the panel: called with a run and a position of its prompt. */
const SHOW_WORD = "dexar.prompt.showWord";

/**
 * What a word of the prompt won, in words: for the pinned token or the whole answer.
 * @param edited the prompt is no longer what was asked
 */
export function wordHover(
  run: TintedRun,
  report: WordWinsReport,
  position: number,
  edited: boolean,
): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.isTrusted = { enabledCommands: [SHOW_WORD] };
  text.appendMarkdown("**");
  text.appendText(tokenLabel(run.prompt.tokens[position]?.text ?? ""));
  text.appendMarkdown("** ");
  text.appendText(vscode.l10n.t("position {0}", position));
  text.appendMarkdown("\n\n");
  text.appendText(aboutText(report));
  text.appendMarkdown("\n\n");
  for (const fact of wordFacts(run, report, position)) {
    text.appendMarkdown("- ");
    text.appendText(fact);
    text.appendMarkdown("\n");
  }
  if (edited) {
    text.appendMarkdown("\n");
    text.appendText(vscode.l10n.t("The prompt was edited since this run."));
    text.appendMarkdown("\n");
  }
  const target = encodeURIComponent(JSON.stringify([run.runId, position]));
  text.appendMarkdown(`\n[${vscode.l10n.t("Show in the panel")}](command:${SHOW_WORD}?${target})`);
  return text;
}

function aboutText({ token }: WordWinsReport): string {
  return token === null
    ? vscode.l10n.t("For the whole answer:")
    : vscode.l10n.t("For the token «{0}»:", tokenLabel(token.text));
}

function wordFacts(
  { answer }: TintedRun,
  { wins, total, token }: WordWinsReport,
  position: number,
): string[] {
  const won = wins.find((word) => word.position === position)?.wins;
  if (!won) return [vscode.l10n.t("won the text score of no head")];
  const { layer, head, score, token: index } = won.strongest;
  const of = tokenLabel(answer[index] ?? "");
  const strongest =
    token === null
      ? vscode.l10n.t(
          "strongest: layer {0}, head {1}, S_text {2}, for «{3}»",
          layer,
          head,
          formatNumber(score),
          of,
        )
      : vscode.l10n.t("strongest: layer {0}, head {1}, S_text {2}", layer, head, formatNumber(score));
  return [
    vscode.l10n.t(
      "won the text score of {0} of {1} heads ({2})",
      won.heads,
      total,
      formatShare(won.heads / total),
    ),
    ...(won.dropped > 0 ? [vscode.l10n.t("{0} of them dropped because of it", won.dropped)] : []),
    strongest,
  ];
}
