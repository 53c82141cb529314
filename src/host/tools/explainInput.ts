import { DexarError } from "../../core/errors.js";

/** What `explain_image` may be asked; package.json says the same as a schema. */
export interface ExplainInput {
  readonly image: string;
  readonly prompt?: string;
  readonly target?: string;
  readonly max_new_tokens?: number;
  readonly model?: string;
}

const MOST_NEW_TOKENS = 4096;

/**
 * Checks an input: not every caller has looked at the schema.
 * @throws DexarError `bad-tool-input` naming the field
 */
export function readExplainInput(input: unknown): ExplainInput {
  if (typeof input !== "object" || input === null) throw wrong("input", "an object with the field image");
  const fields = input as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined => {
    const value = fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string" || value.trim() === "") throw wrong(name, "a text that is not empty");
    return value;
  };
  const image = text("image");
  if (image === undefined) throw wrong("image", "the path of a picture");
  const [prompt, target, model] = [text("prompt"), text("target"), text("model")];
  const most = fields["max_new_tokens"] ?? undefined;
  if (most !== undefined && !isCount(most))
    throw wrong("max_new_tokens", `a whole number from 1 to ${MOST_NEW_TOKENS}`);
  return {
    image,
    ...(prompt !== undefined && { prompt }),
    ...(target !== undefined && { target }),
    ...(model !== undefined && { model }),
    ...(most !== undefined && { max_new_tokens: most }),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST_NEW_TOKENS;
}

/** `bad-tool-input` */
export function wrong(field: string, expected: string): DexarError {
  return new DexarError("bad-tool-input", `${field} must be ${expected}.`, "Correct it and call again.");
}
