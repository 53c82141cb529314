import { isMap, isScalar, parseDocument, type Document, type ParsedNode } from "yaml";
import { aliasTargets } from "./aliasTargets.js";
import { nearestWord } from "./nearestWord.js";
import { PROMPT_KEYS, promptKey } from "./promptKeys.js";
import { readValue, type ValueContext } from "./readValue.js";
import type { PromptField, PromptFile, PromptProblem, TextSpan } from "./types.js";

/** What front matter says, and everything wrong with it. */
interface FrontMatter {
  readonly fields: PromptFile["fields"];
  readonly problems: readonly PromptProblem[];
}

/** Reads the front matter that stands in `text` at `place`; spans count from the start of `text`. */
export function readFrontMatter(text: string, place: TextSpan): FrontMatter {
  try {
    // Only nodes are read, one level deep: no value is built from them, so tags and aliases can do nothing.
    const document = parseDocument(text.slice(...place), { prettyErrors: false, uniqueKeys: false });
    const broken = syntaxProblems(document, place);
    const { fields, problems } = readKeys(document, place[0]);
    // What follows a syntax error was probably read otherwise than it was meant.
    const sure = Math.min(
      ...broken.flatMap(({ severity, span }) => (severity === "error" ? [span[0]] : [])),
      place[1],
    );
    return { fields, problems: [...broken, ...problems.filter(({ span }) => span[1] <= sure)] };
  } catch (error) {
    // Out of stack in a walk over what the parser just had room for.
    if (!(error instanceof RangeError)) throw error;
    return { fields: {}, problems: [nestedTooDeeply(place)] };
  }
}

function syntaxProblems({ errors, warnings }: Document.Parsed, [from, to]: TextSpan): PromptProblem[] {
  // Nested without end: the parser says so once for every level that it still had room for.
  if (errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) return [nestedTooDeeply([from, to])];
  return [...errors, ...warnings].map(({ name, pos, message }) => {
    const span = [Math.min(from + pos[0], to), Math.min(from + pos[1], to)] as const;
    return brokenYaml(span, message, name === "YAMLWarning" ? "warning" : "error");
  });
}

function readKeys(document: Document.Parsed, offset: number): FrontMatter {
  const { contents } = document;
  if (contents === null) return { fields: {}, problems: [] };
  if (!isMap<ParsedNode, ParsedNode | null>(contents)) {
    const span = [offset + contents.range[0], offset + contents.range[1]] as const;
    return { fields: {}, problems: [{ severity: "error", code: "not-a-mapping", span }] };
  }
  const fields: Record<string, PromptField<unknown>> = {};
  const problems: PromptProblem[] = [];
  const context: ValueContext = { offset, aliases: aliasTargets(document), problems };
  const seen = new Set<string>();
  for (const { key, value } of contents.items) {
    const keySpan = [offset + key.range[0], offset + key.range[1]] as const;
    const name = isScalar(key) ? key.source : "?";
    const problem = keyProblem(name, seen);
    if (problem !== null) problems.push({ ...problem, span: keySpan });
    const known = problem === null ? promptKey(name) : undefined;
    if (known === undefined) continue;
    seen.add(name);
    const field = readValue(known, value, keySpan, context);
    if (field !== null) fields[name === "image" ? "images" : name] = field;
  }
  // PROMPT_KEYS says which kind of value each key has, and `readValue` gives no other.
  return { fields, problems };
}

/** A key that is not read: unknown, a second time, or `images` beside `image`. */
function keyProblem(name: string, seen: ReadonlySet<string>): DistributiveOmit<PromptProblem, "span"> | null {
  if (promptKey(name) === undefined) {
    const names = PROMPT_KEYS.map((key) => key.name);
    return { severity: "warning", code: "unknown-key", key: name, suggestion: nearestWord(name, names) };
  }
  if (seen.has(name)) return { severity: "error", code: "duplicate-key", key: name };
  const other = { image: "images", images: "image" }[name];
  if (other !== undefined && seen.has(other)) return { severity: "error", code: "image-and-images" };
  return null;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function nestedTooDeeply(span: TextSpan): PromptProblem {
  return brokenYaml(span, "it is nested too deeply", "error");
}

function brokenYaml(span: TextSpan, detail: string, severity: PromptProblem["severity"]): PromptProblem {
  return { severity, code: "broken-yaml", span, detail };
}
