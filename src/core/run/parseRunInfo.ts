import { resolveSettings } from "../attribution/resolveSettings.js";
import type { AttributionSettings, Score, TextSet } from "../attribution/settings.js";
import { DexarError } from "../errors.js";
import {
  dictionary,
  flag,
  list,
  number,
  numbers,
  oneOf,
  optional,
  orNull,
  record,
  text,
  whole,
  wrong,
  type Field,
} from "./fields.js";
import type { GenerationExtras } from "./generationExtras.js";
import type {
  Alternative,
  PromptToken,
  Rectangle,
  RunInfo,
  RunPicture,
  RunModel,
  RunToken,
} from "./types.js";

/**
 * Checks a parsed run.json field by field and keeps only the fields it knows.
 * @throws DexarError `run-file-not-a-run`, `run-file-newer`, `run-file-damaged` (naming the field)
 */
export function parseRunInfo(value: unknown): RunInfo {
  const { format, version } = record({ format: anything, version: anything })(value, "");
  if (format !== "dexar-run")
    throw new DexarError(
      "run-file-not-a-run",
      "This is not a run file: its run.json does not say so.",
      "Open a .dexar file that this tool has saved.",
    );
  if (typeof version === "number" && version > 1)
    throw new DexarError(
      "run-file-newer",
      `The run file has version ${version}; this tool reads version 1.`,
      "Update DEX-AR, then open the file again.",
    );
  const info: RunInfo = {
    ...runInfo(value, ""),
    ...optional<Pick<RunInfo, "images">>({ images: runPictures })(value, ""),
  };
  checkPictures(info);
  checkSpans(info);
  checkSettings(info);
  return info;
}

const anything: Field<unknown> = (value) => value;

/** JSON has no infinity: a probability of 0 is written as null. */
const logprob: Field<number> = (value, path) => (value === null ? -Infinity : number(value, path));

const rectangle: Field<Rectangle> = (value, path) => {
  const [x, y, width, height] = numbers(4)(value, path);
  if (
    x === undefined ||
    y === undefined ||
    width === undefined ||
    height === undefined ||
    width < 0 ||
    height < 0
  )
    throw wrong(path, "left, top, width and height");
  return [x, y, width, height];
};

const span: Field<Exclude<PromptToken["span"], undefined>> = (value, path) => {
  if (value === null) return null;
  const [from, to] = numbers(2)(value, path);
  if (!Number.isInteger(from) || !Number.isInteger(to) || from === undefined || to === undefined)
    throw wrong(path, "two offsets of the prompt, or null");
  return [from, to];
};

/** Runs of older versions have no spans. */
const promptToken: Field<PromptToken> = (value, path) => {
  const token = record<PromptToken>({ text, kind: oneOf("image", "special", "text") })(value, path);
  const given = record({ span: anything })(value, path).span;
  return given === undefined ? token : { ...token, span: span(given, `${path}.span`) };
};

const layerRange: Field<AttributionSettings["layers"]> = (value, path) => {
  const [from, to] = numbers(2)(value, path);
  if (from === undefined || to === undefined) throw wrong(path, "a start and an end");
  return [from, to];
};

const textSet: Field<TextSet> = (value, path) =>
  typeof value === "object"
    ? record<{ positions: readonly number[] }>({ positions: list(whole(0)) })(value, path)
    : oneOf("all", "no-special", "prompt", "generated")(value, path);

const score: Field<Score> = (value, path) => {
  const { kind } = record({ kind: oneOf("max", "mean", "top-k") })(value, path);
  return kind === "top-k" ? { kind, ...record({ k: whole(1) })(value, path) } : { kind };
};

/** A plain name with no folders: it is looked up among the entries of the file, never on a disk. */
const imageEntry: Field<string> = (value, path) => {
  const name = text(value, path);
  if (!/^image\.[a-z0-9]{1,8}$/.test(name)) throw wrong(path, "image.png or the like");
  return name;
};

const settings = record<AttributionSettings>({
  preset: oneOf("paper", "reference"),
  layers: layerRange,
  textSet,
  score,
  overrides: list(record({ layer: whole(0), head: whole(0), decision: oneOf("keep", "drop") })),
  includeStop: flag,
});

const token = record<RunToken>({
  id: whole(0),
  text,
  kind: oneOf("generated", "forced"),
  logprob,
  alternatives: list(record<Alternative>({ id: whole(0), text, logprob })),
  stop: flag,
});

type Generation = RunInfo["generation"];
type LaterField = keyof GenerationExtras | "stopString" | "continued";

/** Older versions know neither of the options that are read here last. */
const generation: Field<Generation> = (value, path) => ({
  ...record<Omit<Generation, LaterField>>({
    mode: oneOf("generated", "forced"),
    maxNewTokens: whole(0),
    temperature: number,
    topK: whole(0),
    seed: orNull(number),
    finish: oneOf("stop", "length", "target", "cancelled"),
  })(value, path),
  ...optional<Pick<Generation, LaterField>>({
    systemPrompt: text,
    topP: number,
    minP: number,
    repetitionPenalty: number,
    stopStrings: list(text),
    stopString: text,
    continued: record({ run: text, tokens: whole(0) }),
  })(value, path),
});

const runModel: Field<RunModel> = (value, path) => ({
  ...record<Omit<RunModel, "attends" | "layerNumbers">>({
    name: text,
    family: text,
    files: list(record({ name: text, bytes: whole(0), sha256: text })),
    dtype: text,
    device: text,
    layers: whole(1),
    heads: whole(1),
  })(value, path),
  ...optional<Pick<RunModel, "attends" | "layerNumbers">>({
    attends: oneOf("encoder"),
    layerNumbers: list(whole(0)),
  })(value, path),
});

const runPictures = list(
  record<RunPicture>({ name: text, sha256: text, place: rectangle, seen: rectangle, tokens: whole(0) }),
);

const runInfo = record<Omit<RunInfo, "images">>({
  format: oneOf("dexar-run"),
  version: oneOf(1),
  id: text,
  tool: text,
  time: text,
  model: runModel,
  prompt: record({
    text,
    rendered: text,
    tokens: list(promptToken),
  }),
  generation,
  image: record({
    name: text,
    entry: imageEntry,
    width: whole(1),
    height: whole(1),
    sha256: text,
    seen: rectangle,
  }),
  tokens: list(token),
  cells: list(rectangle),
  settings,
  timings: dictionary(number),
  warnings: list(text),
  partial: flag,
});

/** Every image token belongs to a picture. */
function checkPictures({ images, cells }: RunInfo): void {
  const tokens = images?.reduce((sum, picture) => sum + picture.tokens, 0) ?? cells.length;
  if (tokens !== cells.length) throw wrong("images", "pictures that have all image tokens");
}

/** Spans are places of the prompt and not empty. */
function checkSpans({ prompt }: RunInfo): void {
  for (const [index, { span }] of prompt.tokens.entries()) {
    if (!span) continue;
    const [from, to] = span;
    if (!(from >= 0 && from < to && to <= prompt.text.length))
      throw wrong(`prompt.tokens[${index}].span`, "a part of the prompt's text");
  }
}

function checkSettings(info: RunInfo): void {
  try {
    resolveSettings(info.settings, info.model.layers, info.model.heads);
  } catch (error) {
    throw wrong("settings", `possible (${error instanceof Error ? error.message : String(error)})`);
  }
}
