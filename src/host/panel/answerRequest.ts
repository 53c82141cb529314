import { serializeError } from "../../core/serializedError.js";
import type { FromPanel, PanelReplies, PanelRequests, ToPanel } from "../../protocol/panel.js";
import { logError, type FailureLog } from "../errors/showError.js";

/** A page's request, by its number. */
export type PanelRequest = Extract<FromPanel, { kind: "request" }>;

/** What answers each kind of request. */
export type PanelAnswers = {
  readonly [M in keyof PanelRequests]: (params: PanelRequests[M]) => Promise<PanelReplies[M]>;
};

/** Answers a page's request, with what went wrong where it fails; never rejects. */
export async function answerRequest(
  request: PanelRequest,
  answers: PanelAnswers,
  log: FailureLog,
): Promise<Extract<ToPanel, { kind: "reply" }>> {
  const { id } = request;
  try {
    return { kind: "reply", id, result: { ok: await answer(request, answers) } };
  } catch (error) {
    logError(error, log);
    const { code, message, nextStep } = serializeError(error);
    return { kind: "reply", id, result: { error: { code, message, nextStep } } };
  }
}

function answer(
  { method, params }: PanelRequest,
  answers: PanelAnswers,
): Promise<PanelReplies[keyof PanelReplies]> {
  switch (method) {
    case "alternative":
      return answers.alternative(params);
    case "export":
      return answers.export(params);
  }
}
