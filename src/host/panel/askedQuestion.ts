import * as vscode from "vscode";
import type { GenerationExtras } from "../../core/run/generationExtras.js";
import { readImages } from "../runs/runRecord.js";
import type { ModelChoice, Question, QuestionSource } from "../services.js";
import type { HostSettings } from "../settings/hostSettings.js";
import type { AskedForm } from "./panelForm.js";

/** All that is asked about a panel's picture, when more is asked than its form says. */
export type AskedQuestion = Omit<Question, "image">;

/** The form that shows a question; what it leaves open is as in the settings. */
export function formOf(question: AskedQuestion, settings: HostSettings): AskedForm {
  const { prompt, target, maxNewTokens, live } = question;
  return {
    prompt,
    target,
    maxNewTokens: maxNewTokens ?? settings.maxNewTokens,
    live: live ?? settings.live,
  };
}

/**
 * The form for a question that was read anew: what was typed into the panel since the last reading stays.
 * @param typed the panel's form @param before the form as the last reading had it @param fresh as this one has it
 */
export function formAfterReading(typed: AskedForm, before: AskedForm, fresh: AskedForm): AskedForm {
  return {
    prompt: fresh.prompt,
    target: typed.target === before.target ? fresh.target : typed.target,
    maxNewTokens: typed.maxNewTokens === before.maxNewTokens ? fresh.maxNewTokens : typed.maxNewTokens,
    live: typed.live === before.live ? fresh.live : typed.live,
  };
}

/** A question as it is remembered across a reload of the window: plain values only. */
export function storedQuestion({ source, withImages, ...rest }: AskedQuestion): object {
  const images = withImages ? { withImages: withImages.map(String) } : {};
  return { ...rest, ...images, ...(source && { source: { ...source, uri: source.uri.toString() } }) };
}

/** Reads a remembered question; null when it is none. */
export function readStoredQuestion(value: unknown): AskedQuestion | null {
  if (!isRecord(value)) return null;
  const { prompt, target, model, maxNewTokens, temperature, topK, seed, live, attribution, source } = value;
  const withImages = readImages(value["withImages"]);
  if (typeof prompt !== "string" || !(target === null || typeof target === "string")) return null;
  return {
    prompt,
    target,
    ...(isModel(model) && { model }),
    ...(typeof maxNewTokens === "number" && { maxNewTokens }),
    ...(typeof temperature === "number" && { temperature }),
    ...(typeof topK === "number" && { topK }),
    ...(typeof seed === "number" && { seed }),
    ...readExtras(value),
    ...(withImages && { withImages }),
    ...(typeof live === "boolean" && { live }),
    // Checked where it is used: a setting of another version fails the run, with words.
    ...(isRecord(attribution) && { attribution }),
    ...readSource(source),
  };
}

function readExtras(value: Record<string, unknown>): GenerationExtras {
  const { systemPrompt, topP, minP, repetitionPenalty, stopStrings } = value;
  return {
    ...(typeof systemPrompt === "string" && { systemPrompt }),
    ...(typeof topP === "number" && { topP }),
    ...(typeof minP === "number" && { minP }),
    ...(typeof repetitionPenalty === "number" && { repetitionPenalty }),
    ...(Array.isArray(stopStrings) && {
      stopStrings: stopStrings.filter((text) => typeof text === "string"),
    }),
  };
}

function readSource(value: unknown): { readonly source?: QuestionSource } {
  if (!isRecord(value)) return {};
  const { uri, version, span } = value;
  if (typeof uri !== "string" || typeof version !== "number" || !Array.isArray(span)) return {};
  const [from, to] = span as readonly unknown[];
  if (typeof from !== "number" || typeof to !== "number") return {};
  return { source: { uri: vscode.Uri.parse(uri), version, span: [from, to] } };
}

function isModel(value: unknown): value is ModelChoice {
  return isRecord(value) && typeof value["name"] === "string" && typeof value["dir"] === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
