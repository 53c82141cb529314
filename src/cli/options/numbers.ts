import { UsageError } from "../usageError.js";

/**
 * A parser for a whole-number option in [least, most].
 * @throws UsageError `bad-number` from the parser
 */
export function wholeNumber(flag: string, least: number, most = 2 ** 31 - 1): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw badNumber(
      flag,
      text,
      most === 2 ** 31 - 1 ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`,
    );
  };
}

/**
 * A parser for a number option in [least, most].
 * @throws UsageError `bad-number` from the parser
 */
export function realNumber(flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= least && value <= most) return value;
    throw badNumber(flag, text, `a number from ${least} to ${most}`);
  };
}

/**
 * Parses `1,2,3`.
 * @throws UsageError `bad-number` for anything but whole numbers from 0
 */
export function numberList(flag: string, text: string): number[] {
  const one = wholeNumber(flag, 0);
  return text.split(",").map((part) => one(part));
}

function badNumber(flag: string, text: string, wanted: string): UsageError {
  return new UsageError("bad-number", `${flag} is "${text}", not ${wanted}.`, `Give ${flag} ${wanted}.`);
}
