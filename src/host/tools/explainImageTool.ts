import path from "node:path";
import * as vscode from "vscode";
import { readDigest } from "../../core/run/runDigest.js";
import { cancelledError } from "../../core/serializedError.js";
import { questionTask } from "../explain/questionTask.js";
import type { ExplainListener, ExplainTask } from "../services.js";
import { clipped } from "./bounded.js";
import { explainedRun } from "./explainedRun.js";
import { readExplainInput, type ExplainInput } from "./explainInput.js";
import { findPicture, isOutside } from "./findPicture.js";
import { toolError } from "./toolError.js";
import type { GetToolServices, ToolServices } from "./toolServices.js";

/** Characters of the prompt in the question. */
const MOST_SHOWN = 200;

const SILENT: ExplainListener = { onPhase: () => {}, onEvent: () => {} };

/** The tool `explain_image`: asks the model about a picture, and answers where it looked for each token. */
export class ExplainImageTool implements vscode.LanguageModelTool<ExplainInput> {
  constructor(private readonly services: GetToolServices) {}

  /** Names picture and model, and asks whether that is wanted: it takes time, and the model sees the picture. */
  async prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<ExplainInput>): Promise<vscode.PreparedToolInvocation> {
    const [picture, asked] = await whatIsAsked(input).catch((error: unknown) => {
      throw toolError(error);
    });
    const name = path.posix.basename(picture.path);
    const settings = this.services().readSettings();
    const used = asked.model ?? settings.model.name;
    const prompt = clipped((asked.prompt ?? settings.prompt).trim(), MOST_SHOWN);
    return {
      invocationMessage: vscode.l10n.t("Asking {0} about {1}", used, name),
      confirmationMessages: {
        title: vscode.l10n.t("Explain a picture?"),
        message: plainText(await confirmation(picture, used, prompt)),
      },
    };
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<ExplainInput>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const stop = new AbortController();
    const listening = token.onCancellationRequested(() => stop.abort());
    if (token.isCancellationRequested) stop.abort();
    try {
      const services = this.services();
      const task = await taskOf(readExplainInput(input), services);
      throwIfStopped(stop.signal);
      const { id } = await services.explain.explain(task, SILENT, stop.signal);
      // The finished part of a cancelled run is kept in the Runs view, but nobody waits for it here.
      throwIfStopped(stop.signal);
      const data = readDigest(await services.runs.readDigest(id));
      const text = JSON.stringify(explainedRun(data, id));
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    } catch (error) {
      throw toolError(error);
    } finally {
      listening.dispose();
    }
  }
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw cancelledError();
}

async function whatIsAsked(input: unknown): Promise<[picture: vscode.Uri, asked: ExplainInput]> {
  const asked = readExplainInput(input);
  return [await findPicture(asked.image), asked];
}

async function taskOf(input: ExplainInput, { models, readSettings }: ToolServices): Promise<ExplainTask> {
  const settings = readSettings();
  const base = vscode.workspace.workspaceFolders?.[0]?.uri ?? null;
  const image = await findPicture(input.image);
  const model = input.model === undefined ? null : await models.resolve(input.model, base);
  const question = {
    image,
    prompt: input.prompt ?? settings.prompt,
    target: input.target ?? null,
    // Nobody watches: together is quicker.
    live: false,
    ...(model && { model }),
    ...(input.max_new_tokens !== undefined && { maxNewTokens: input.max_new_tokens }),
  };
  return questionTask(question, settings);
}

async function confirmation(picture: vscode.Uri, model: string, prompt: string): Promise<string> {
  const lines = [
    vscode.l10n.t(
      "The model {0}, on this machine, is asked about {1}: “{2}”",
      model,
      vscode.workspace.asRelativePath(picture),
      prompt,
    ),
    vscode.l10n.t("The picture does not leave the machine; the words of the result go to the assistant."),
  ];
  if (await isOutside(picture))
    lines.push(vscode.l10n.t("This picture is in none of the open folders: {0}", place(picture)));
  if (!vscode.workspace.isTrusted)
    lines.push(
      vscode.l10n.t("This workspace is not trusted: its files may have told the assistant to ask this."),
    );
  return lines.join("\n\n");
}

function place(picture: vscode.Uri): string {
  return picture.scheme === "file" ? picture.fsPath : picture.toString();
}

/** Names of files are no Markdown. */
function plainText(text: string): vscode.MarkdownString {
  const message = new vscode.MarkdownString();
  text
    .split("\n\n")
    .forEach((line, index) => message.appendMarkdown(index > 0 ? "\n\n" : "").appendText(line));
  return message;
}
