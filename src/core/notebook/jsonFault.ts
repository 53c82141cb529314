/** A place where a text is not the JSON it should be; `what` completes "line 3: ". */
export interface JsonFault {
  /** From 1. */
  readonly line: number;
  readonly what: string;
}

/** The strictest reader would take more, but nothing of ours is nested so deep: JSON.stringify must not run out of stack. */
const MOST_LEVELS = 200;

const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;
const BLANK = /[ \t\n\r]*/y;

type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or ]" | ", or }" | "the end";

/**
 * The first place where a text breaks the rules of JSON or gives a key of an object twice (of which JSON.parse would
 * silently drop one). Long strings are passed over quickly.
 */
export function findJsonFault(text: string): JsonFault | null {
  /** The keys so far of each open object; null for an open array. */
  const open: (Set<string> | null)[] = [];
  let expected: Expected = "value";
  for (let offset = 0; ;) {
    TOKEN.lastIndex = offset;
    const match = TOKEN.exec(text);
    if (match === null) return unreadable(text, offset, expected);
    const start = offset;
    offset = TOKEN.lastIndex;
    const [token, sign, quoted] = match;
    const next = step(sign ?? (quoted === undefined ? "plain" : "text"), expected, open);
    if (next === null) return at(text, start + token.length - 1, wrong(token.trim(), expected));
    if (next === ":" && quoted !== undefined) {
      const keys = open.at(-1);
      if (keys?.has(quoted)) return at(text, start + token.length - 1, `${quoted} is there twice`);
      keys?.add(quoted);
    }
    if (open.length > MOST_LEVELS) return at(text, offset, `more than ${MOST_LEVELS} levels`);
    expected = next;
  }
}

/** What may follow a token that stands where `expected` is; null when the token may not stand there. */
function step(token: string, expected: Expected, open: (Set<string> | null)[]): Expected | null {
  switch (token) {
    case ":":
      return expected === ":" ? "value" : null;
    case ",":
      if (expected === ", or ]") return "value";
      return expected === ", or }" ? "key" : null;
    case "}":
    case "]":
      if (!expected.endsWith(` or ${token}`)) return null;
      open.pop();
      return afterValue(open);
    case "text":
      return expected === "key" || expected === "key or }" ? ":" : value(token, expected, open);
    default:
      return value(token, expected, open);
  }
}

function value(token: string, expected: Expected, open: (Set<string> | null)[]): Expected | null {
  if (expected !== "value" && expected !== "value or ]") return null;
  if (token !== "{" && token !== "[") return afterValue(open);
  open.push(token === "{" ? new Set() : null);
  return token === "{" ? "key or }" : "value or ]";
}

function afterValue(open: readonly (Set<string> | null)[]): Expected {
  const inner = open.at(-1);
  if (inner === undefined) return "the end";
  return inner === null ? ", or ]" : ", or }";
}

/** No token begins here: it is the end of the text, or something else than JSON. */
function unreadable(text: string, offset: number, expected: Expected): JsonFault | null {
  BLANK.lastIndex = offset;
  BLANK.exec(text);
  const place = BLANK.lastIndex;
  if (place < text.length) return at(text, place, wrong(text.slice(place), expected));
  return expected === "the end" ? null : at(text, place, `the file ends where ${expected} should stand`);
}

function wrong(found: string, expected: Expected): string {
  const [line = ""] = found.split("\n", 1);
  const shown = line.length > 20 ? `${line.slice(0, 20)}…` : line;
  return `${shown} stands where ${expected} should stand`;
}

function at(text: string, offset: number, what: string): JsonFault {
  let line = 1;
  for (let end = text.indexOf("\n"); end >= 0 && end < offset; end = text.indexOf("\n", end + 1)) line += 1;
  return { line, what };
}
