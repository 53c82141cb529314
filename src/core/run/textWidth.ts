/** Columns a text takes in a fixed-width font: 2 for East Asian wide characters and emoji, 0 for marks that combine. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (/[\p{M}\p{Cf}\p{Cc}]/u.test(character)) return 0;
  const wide =
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60\u3000-\u303f]/u;
  return wide.test(character) || /\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
}

/** Cuts a text to `width` columns, the last one `…` when something was cut. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  for (const character of text) {
    if (textWidth(cut) + characterWidth(character) > width - 1) break;
    cut += character;
  }
  return width > 0 ? `${cut}…` : "";
}

/** Cuts or fills a text to exactly `width` columns. */
export function padText(text: string, width: number, side: "left" | "right"): string {
  const cut = cutText(text, width);
  const space = " ".repeat(Math.max(0, width - textWidth(cut)));
  return side === "left" ? cut + space : space + cut;
}

/** Breaks a text at spaces into lines of at most `width` columns; longer words are cut. */
export function wrapColumns(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 1 + textWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(cutText(word, width));
  }
  return lines;
}
