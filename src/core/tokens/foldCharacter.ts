/**
 * What stays of a code point whatever a tokenizer or a template does to it (Unicode normal forms, lower or upper case,
 * one kind of space for another): equal for before and after. One or more units; none equals another character's by
 * accident alone.
 */
export function foldCharacter(text: string): string[] {
  if (text >= "a" && text <= "z") return [text];
  if (text === "▁" || /^\s$/u.test(text)) return [" "];
  // Half of a surrogate pair cannot be written in UTF-8.
  if (/^\p{Cs}$/u.test(text)) return ["\uFFFD"];
  const folded = text.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
  return Array.from(folded, (unit) => (/^\s$/u.test(unit) ? " " : unit));
}
