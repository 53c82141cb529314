/**
 * The word of a list that was probably meant: the same but for case and separators, a few slips away (one for every
 * three letters), or begun with at least three letters. Null when none is near.
 */
export function nearestWord(written: string, words: readonly string[]): string | null {
  const plain = withoutSeparators(written);
  let best: string | null = null;
  let fewest = Infinity;
  for (const word of words) {
    const full = withoutSeparators(word);
    const begun = plain.length >= 3 && full.startsWith(plain);
    const slips = begun ? Math.min(1, full.length - plain.length) : editDistance(plain, full);
    if (slips < fewest && slips <= Math.max(1, Math.floor(word.length / 3))) [best, fewest] = [word, slips];
  }
  return best;
}

function withoutSeparators(text: string): string {
  return text.toLowerCase().replace(/[\s_-]/g, "");
}

/** Letters to insert, drop, replace or swap with their neighbour; 99 for lengths that are far apart. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return 99;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const edited = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      row.push(swapped ? Math.min(edited, at(before, j - 2) + 1) : edited);
    }
    [before, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
