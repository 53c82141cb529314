/** Measures a line in the units of `size`. */
export type Measure = (text: string, size: number) => number;

/** Widths of the characters from space to `~` in thousandths of the size: DejaVu Sans, the widest usual sans serif. */
const ASCII = [
  318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
  636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
  295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
  500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
  392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
const SPACE = 0x20;
/** Bold letters are wider by this. */
const BOLD = 1.13;

/** Width of a line, never less than in any usual sans serif: nobody knows which font will be there. */
export const regularWidth: Measure = (text, size) => {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return (width * size) / 1000;
};

/** The same in bold. */
export const boldWidth: Measure = (text, size) => BOLD * regularWidth(text, size);

function characterWidth(character: string): number {
  const known = ASCII[(character.codePointAt(0) ?? 0) - SPACE];
  if (known !== undefined) return known;
  if (/[\p{M}\p{Cf}]/u.test(character)) return 0;
  if (/\p{Extended_Pictographic}|\p{Emoji_Presentation}/u.test(character)) return 1400;
  if (WIDE.test(character)) return 1050;
  return 850;
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uff60]/u;
