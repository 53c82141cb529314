import { DexarError } from "../../core/errors.js";
import { aroundWords } from "../../core/tokens/promptSpans.js";
import type { LoadedVlm } from "../model/loadModel.js";

/** Stands in for somebody's words: private characters, which no template looks at. */
const STAND_IN = "\uE0D5\uE0D6\uE0D7";

/** Words in a rendered prompt. */
export interface PlacedWords {
  readonly text: string;
  /** What the template writes before, (between) and after them. */
  readonly around: readonly string[];
}

/** A prompt as the tokenizer gets it. */
export interface RenderedText {
  /** Image placeholder once. */
  readonly rendered: string;
  /** What the template writes before, (between) and after the user's words. */
  readonly around: readonly string[];
  /** The beginning of the user's words that names a task and is not in the prompt; absent or empty: nothing. */
  readonly task?: string;
  /** The system prompt, where one was given. */
  readonly system?: PlacedWords;
}

/** Whether the user's words alone make a prompt for the model. */
export function hasTemplate({ family, processor }: LoadedVlm): boolean {
  const template: unknown = processor.tokenizer?.chat_template ?? processor.chat_template;
  return "renderPrompt" in family || Boolean(template);
}

/** Renders words with messages before them. */
type Apply = (words: string, before: readonly object[]) => string;
/** Renders words with a system prompt. */
type Fill = (words: string, system: string) => string;

/**
 * Puts the user's words, and a system prompt before them, into the model's chat template.
 * @param also `system`: empty for none, a template may bring its own then; `pictures`: how many the prompt has
 * @throws DexarError `no-system-prompt` when the template has no place for one
 */
export function fillTemplate(
  vlm: LoadedVlm,
  words: string,
  { system, pictures }: { readonly system: string; readonly pictures: number },
): RenderedText {
  const asked = system.trim() !== "";
  const apply: Apply = (given, before) => applyTemplate(vlm, given, before, pictures);
  const fill: Fill = asked ? fillWithSystem(vlm, apply) : (given) => apply(given, []);
  const rendered = fill(words, system);
  const task = vlm.family.taskOf?.(words, vlm.processor) ?? "";
  return {
    rendered,
    task,
    around: task !== "" && task === words ? [rendered] : aroundWords(fill(task + STAND_IN, system), STAND_IN),
    ...(asked && { system: { text: system, around: aroundWords(fill(words, STAND_IN), STAND_IN) } }),
  };
}

/** Templates take a system prompt as a list of parts, or as a plain text; some leave it out, some throw. */
function fillWithSystem(vlm: LoadedVlm, apply: Apply): Fill {
  const asParts: Fill = (words, text) => apply(words, [systemMessage([{ type: "text", text }])]);
  const asText: Fill = (words, text) => apply(words, [systemMessage(text)]);
  for (const fill of vlm.family.renderPrompt ? [] : [asParts, asText]) {
    try {
      if (fill("words", STAND_IN).includes(STAND_IN)) return fill;
    } catch {
      // The template refuses it in this form.
    }
  }
  throw new DexarError(
    "no-system-prompt",
    `The chat template of the model "${vlm.name}" has no place for a system prompt.`,
    "Leave the system prompt out, or write it into the prompt itself.",
  );
}

function systemMessage(content: unknown): object {
  return { role: "system", content };
}

function applyTemplate(vlm: LoadedVlm, text: string, before: readonly object[], pictures: number): string {
  const { family, processor, placeholder } = vlm;
  if (family.renderPrompt) return family.renderPrompt(text, placeholder, processor);
  const render = (content: unknown) =>
    processor.apply_chat_template([...before, { role: "user", content }] as never, {
      add_generation_prompt: true,
      tokenize: false,
    }) as unknown as string;
  const images = Array.from({ length: pictures }, () => ({ type: "image" }));
  const asParts = attempt(() => render([...images, { type: "text", text }]));
  // A template for plain text refuses the list of parts, or writes it out as data.
  return asParts?.includes(placeholder) ? asParts : render(`${placeholder.repeat(pictures)}\n${text}`);
}

function attempt(render: () => string): string | null {
  try {
    return render();
  } catch {
    return null;
  }
}
