import { isAlias, isScalar, isSeq, type Node, type Scalar } from "yaml";
import { nearestWord } from "./nearestWord.js";
import { describePromptKey, type PromptKey } from "./promptKeys.js";
import type { PromptField, PromptProblem, TextSpan } from "./types.js";

/** What reading a value needs beside it. */
export interface ValueContext {
  /** Where the front matter starts in the file. */
  readonly offset: number;
  readonly aliases: ReadonlyMap<unknown, Node>;
  /** What is wrong is added here. */
  readonly problems: PromptProblem[];
}

/**
 * The value of a known key as its kind says: a text, a number, a choice, or a list (of one path for `image`).
 * Null when it is wrong; `problems` then says why. A list keeps the items that are right.
 */
export function readValue(
  key: PromptKey,
  node: unknown,
  keySpan: TextSpan,
  context: ValueContext,
): PromptField<unknown> | null {
  const valueSpan = spanOf(node, context.offset) ?? keySpan;
  if (isAlias(node) && !context.aliases.has(node)) {
    const detail = `there is no anchor &${node.source} before *${node.source}`;
    context.problems.push({ severity: "error", code: "broken-yaml", span: valueSpan, detail });
    return null;
  }
  const target = context.aliases.get(node) ?? node;
  const isList = key.kind === "paths" || key.kind === "texts";
  if (isList && isSeq(target)) return readItems(key, target.items, { keySpan, valueSpan }, context);
  const value = isScalar(target) ? scalarValue(key, target) : undefined;
  if (value !== undefined) {
    if (!isList && key.kind !== "path") return { value, keySpan, valueSpan };
    return { value: [value], keySpan, valueSpan, itemSpans: [valueSpan] };
  }
  context.problems.push(problemOf(key, target, valueSpan));
  return null;
}

function problemOf(key: PromptKey, target: unknown, span: TextSpan): PromptProblem {
  const written = key.kind === "choice" && isScalar(target) ? textOf(target) : "";
  return key.kind === "choice" && written !== "" ? unknownChoice(key, written, span) : wrongValue(key, span);
}

function readItems(
  key: PromptKey,
  items: readonly unknown[],
  spans: { keySpan: TextSpan; valueSpan: TextSpan },
  { offset, aliases, problems }: ValueContext,
): PromptField<readonly string[]> | null {
  const right: { text: string; span: TextSpan }[] = [];
  for (const item of items) {
    const span = spanOf(item, offset) ?? spans.valueSpan;
    const target = aliases.get(item) ?? item;
    const text = isScalar(target) ? itemText(key, target) : "";
    if (text === "") problems.push(wrongValue(key, span));
    else right.push({ text, span });
  }
  if (items.length === 0) problems.push(wrongValue(key, spans.valueSpan));
  if (right.length === 0) return null;
  return { ...spans, value: right.map(({ text }) => text), itemSpans: right.map(({ span }) => span) };
}

/** Undefined when the scalar is not what the key takes. */
function scalarValue(key: PromptKey, scalar: Scalar): string | number | undefined {
  if (key.kind === "number") {
    const { value } = scalar;
    if (typeof value !== "number" || !(value >= key.from && value <= key.to)) return undefined;
    return key.whole && !Number.isInteger(value) ? undefined : value;
  }
  const text = itemText(key, scalar);
  if (text === "" || (key.kind === "choice" && !key.choices.includes(text))) return undefined;
  return text;
}

/** White space means nothing as a path, but `"\n"` does as a text to stop at. */
function itemText({ kind }: PromptKey, scalar: Scalar): string {
  return kind === "texts" && scalar.type?.startsWith("QUOTE") === true
    ? (scalar.source ?? "")
    : textOf(scalar);
}

/**
 * The characters as written, for `target: 42` and `target: true` are meant as texts; empty for white space. Of a
 * block (`|`, `>`) without the line ends that close it.
 */
function textOf({ source = "", type }: Scalar): string {
  if (source.trim() === "") return "";
  return type?.startsWith("BLOCK") === true ? source.replace(/\n+$/, "") : source;
}

/** Undefined for a value that is not there. */
function spanOf(node: unknown, offset: number): TextSpan | undefined {
  const range = (node as Node | null)?.range ?? [0, 0];
  return range[1] > range[0] ? [offset + range[0], offset + range[1]] : undefined;
}

function wrongValue(key: PromptKey, span: TextSpan): PromptProblem {
  return { severity: "error", code: "wrong-value", span, key: key.name, expected: describePromptKey(key) };
}

function unknownChoice(
  { name, choices }: Extract<PromptKey, { kind: "choice" }>,
  written: string,
  span: TextSpan,
): PromptProblem {
  const suggestion = nearestWord(written, choices);
  return { severity: "error", code: "unknown-choice", span, key: name, choices, suggestion };
}
