/** How an answer is generated beyond length, temperature, top-k and seed; what is absent has no effect. */
export interface GenerationExtras {
  /** Said to the model before the user's words, where its chat template has a place for it. */
  readonly systemPrompt?: string;
  /** Sample among the likeliest tokens whose probabilities reach this sum; 1: all. */
  readonly topP?: number;
  /** Sample among tokens at least this share of the likeliest one's probability; 0: all. */
  readonly minP?: number;
  /** Above 1: tokens that are in prompt or answer already become less likely. Absent: the model's own setting. */
  readonly repetitionPenalty?: number;
  /** The answer ends with the token that completes one of these; that token stays in it. */
  readonly stopStrings?: readonly string[];
}

/** An option's name in front matter, by its name in requests and runs. */
export const EXTRA_KEYS = {
  systemPrompt: "system_prompt",
  topP: "top_p",
  minP: "min_p",
  repetitionPenalty: "repetition_penalty",
  stopStrings: "stop",
} as const satisfies Record<keyof GenerationExtras, string>;

/** The names of the options, as requests and runs have them. */
export const EXTRA_NAMES = Object.keys(EXTRA_KEYS) as readonly (keyof GenerationExtras)[];

/** These options of an object that holds others, too, without those that ask for nothing. */
export function generationExtras(from: GenerationExtras): GenerationExtras {
  const given = EXTRA_NAMES.map((name) => [name, from[name]] as const);
  return Object.fromEntries(given.filter(([name, value]) => !asksNothing(name, value)));
}

/** All five of an answer that was made, said in full: to ask the same whatever else is the default. */
export function statedExtras(from: GenerationExtras): Required<GenerationExtras> {
  const { systemPrompt = "", topP = 1, minP = 0, repetitionPenalty = 1, stopStrings = [] } = from;
  return { systemPrompt, topP, minP, repetitionPenalty, stopStrings };
}

/** A repetition penalty of 1 takes the model's own away. */
function asksNothing(name: keyof GenerationExtras, value: GenerationExtras[keyof GenerationExtras]): boolean {
  if (value === undefined || value === "") return true;
  if (typeof value === "object") return value.length === 0;
  return (name === "topP" && value === 1) || (name === "minP" && value === 0);
}
