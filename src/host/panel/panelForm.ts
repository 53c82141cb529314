import type { PromptForm } from "../../protocol/panel.js";
import type { HostSettings } from "../settings/hostSettings.js";

/** What a person asks, without what the panel knows anyway. */
export type AskedForm = Pick<PromptForm, "prompt" | "target" | "maxNewTokens" | "live">;

/** The form of the settings: the default question, an answer to be generated. */
export function defaultForm({ prompt, maxNewTokens, live }: HostSettings): AskedForm {
  return { prompt, target: null, maxNewTokens, live };
}

/** A form that came from outside (a restored page), if it is one. */
export function readForm(value: unknown): AskedForm | null {
  if (typeof value !== "object" || value === null) return null;
  const { prompt, target, maxNewTokens, live } = value as Record<string, unknown>;
  const right =
    typeof prompt === "string" &&
    (target === null || typeof target === "string") &&
    typeof maxNewTokens === "number" &&
    Number.isInteger(maxNewTokens) &&
    typeof live === "boolean";
  return right ? { prompt, target, maxNewTokens, live } : null;
}
