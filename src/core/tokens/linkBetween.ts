/** A part of a folded character. */
export interface Unit {
  /** " " for every kind of space; null equals nothing. */
  readonly text: string | null;
  /** Index of its character. */
  readonly owner: number;
}

/** Notes that a unit of one text became a unit of the other. */
export type Link = (a: Unit, b: Unit) => void;

/** A stretch of other characters longer than this is not a changed spelling but another text. */
const LONGEST_CHANGE = 64;

/**
 * Links what stands between two units that are the same in both texts: spaces with spaces, and characters with what
 * stands in their place.
 * @returns false when the stretches are too long to be one text
 */
export function linkBetween(here: readonly Unit[], there: readonly Unit[], link: Link): boolean {
  const [left, right] = [runsOf(here), runsOf(there)];
  const alike =
    left.length === right.length && left.every((run, at) => isSpace(run[0]) === isSpace(right[at]?.[0]));
  if (alike) return left.every((run, at) => linkRuns(run, right[at] ?? [], link));
  const [words, others] = [here.filter(isWord), there.filter(isWord)];
  if (words.length > 0 && others.length > 0) return linkRuns(words, others, link);
  return linkRuns(here.filter(isSpace), there.filter(isSpace), link);
}

/** Cuts where spaces and other characters meet. */
function runsOf(units: readonly Unit[]): Unit[][] {
  const runs: Unit[][] = [];
  for (const unit of units) {
    const last = runs.at(-1);
    if (last !== undefined && isSpace(last[0]) === isSpace(unit)) last.push(unit);
    else runs.push([unit]);
  }
  return runs;
}

function linkRuns(here: readonly Unit[], there: readonly Unit[], link: Link): boolean {
  if (here.length === 0 || there.length === 0) return true;
  const shift = there.length - here.length;
  const known = there.every(({ text }) => text !== null);
  if (!isSpace(here[0]) && known && Math.max(here.length, there.length) > LONGEST_CHANGE) return false;
  if (shift === 0 || isSpace(here[0])) {
    // From the end: the space that tokenizers add of their own is the first.
    for (const [at, unit] of here.entries()) linkTo(unit, there[at + shift], link);
    return true;
  }
  for (const unit of here) for (const end of [there[0], there.at(-1)]) linkTo(unit, end, link);
  return true;
}

function linkTo(unit: Unit, other: Unit | undefined, link: Link): void {
  if (other !== undefined) link(unit, other);
}

function isSpace(unit: Unit | undefined): boolean {
  return unit?.text === " ";
}

function isWord(unit: Unit): boolean {
  return !isSpace(unit);
}
