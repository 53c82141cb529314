const NAMED: Readonly<Record<string, string>> = { "\n": "↵", "\r": "␍", "\t": "⇥", "\u00a0": "⍽" };

/** A token's text in the parts a reader must tell apart: `mark` parts stand for characters that cannot be seen. */
export interface LabelPart {
  readonly text: string;
  readonly mark: boolean;
}

/**
 * Splits a token's text so that nothing in it is invisible: spaces at its ends become `·`, line breaks `↵`,
 * tabs `⇥`, other control characters `\u{…}`; an empty text becomes `∅`.
 */
export function labelParts(text: string): LabelPart[] {
  if (text === "") return [{ text: "∅", mark: true }];
  const leading = text.length - text.trimStart().length;
  const trailing = text.trimEnd().length;
  const parts: { text: string; mark: boolean }[] = [];
  let offset = 0;
  for (const character of text) {
    const atEdge = offset < leading || offset >= trailing;
    const part = labelCharacter(character, atEdge);
    const last = parts.at(-1);
    if (last?.mark === part.mark) last.text += part.text;
    else parts.push({ ...part });
    offset += character.length;
  }
  return parts;
}

/** A token's text as one visible string (`·cat`, `↵`). */
export function tokenLabel(text: string): string {
  return labelParts(text)
    .map((part) => part.text)
    .join("");
}

function labelCharacter(character: string, atEdge: boolean): LabelPart {
  const named = NAMED[character];
  if (named !== undefined) return { text: named, mark: true };
  if (character === " ") return { text: atEdge ? "·" : " ", mark: atEdge };
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u.test(character))
    return { text: escapeCodePoint(character), mark: true };
  return { text: character, mark: false };
}

/** The first code point of a text as `\u{4E2D}`, for places that cannot draw it. */
export function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\\u{${code.toString(16).toUpperCase()}}`;
}
