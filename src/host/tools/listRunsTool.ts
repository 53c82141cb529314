import * as vscode from "vscode";
import { answerText } from "../../core/run/answerText.js";
import { runTitle, type RunEntry } from "../services.js";
import { clipped } from "./bounded.js";
import { wrong } from "./explainInput.js";
import { toolError } from "./toolError.js";
import type { GetToolServices } from "./toolServices.js";

/** What `list_runs` may be asked. */
export interface ListInput {
  readonly limit?: number;
}

const USUAL = 10;
const MOST = 50;
const MOST_CHARACTERS = 300;

/** The tool `list_runs`: what was explained in this workspace, newest first. */
export class ListRunsTool implements vscode.LanguageModelTool<ListInput> {
  constructor(private readonly services: GetToolServices) {}

  prepareInvocation(): vscode.PreparedToolInvocation {
    return { invocationMessage: vscode.l10n.t("Listing the explained pictures") };
  }

  async invoke({
    input,
  }: vscode.LanguageModelToolInvocationOptions<ListInput>): Promise<vscode.LanguageModelToolResult> {
    try {
      const limit = readLimit(input);
      const { runs } = this.services();
      await runs.ready;
      const { entries } = runs;
      const listed = { total: entries.length, runs: entries.slice(0, limit).map(listedRun) };
      const hint = "There are no runs yet: call explain_image with a picture to make one.";
      const content = entries.length > 0 ? listed : { ...listed, note: hint };
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(content))]);
    } catch (error) {
      throw toolError(error);
    }
  }
}

function readLimit(input: unknown): number {
  const fields = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  const limit = fields["limit"] ?? USUAL;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1)
    throw wrong("limit", `a whole number from 1 to ${MOST}`);
  return Math.min(limit, MOST);
}

function listedRun(entry: RunEntry) {
  const { info } = entry.saved;
  return {
    run_id: entry.id,
    name: clipped(runTitle(entry), MOST_CHARACTERS),
    image: vscode.workspace.asRelativePath(entry.image),
    prompt: clipped(info.prompt.text.trim(), MOST_CHARACTERS),
    answer: clipped(answerText(info), MOST_CHARACTERS),
    model: `${info.model.name} (${info.model.dtype})`,
    time: info.time,
    ...(info.partial && { stopped_before_its_end: true }),
  };
}
