/** Colour words and the shades that they stand for. */

import type { ColourWord } from "./types";

export type Rgb = readonly [number, number, number];

/** Middle shade of each background colour; textures stay close to it, so that the word stays true. */
export const BACKGROUND_SHADES: Readonly<Record<ColourWord, Rgb>> = {
  red: [208, 56, 52],
  yellow: [246, 210, 64],
  green: [82, 168, 88],
  blue: [64, 118, 212],
  purple: [142, 84, 190],
  pink: [244, 152, 192],
  brown: [130, 86, 56],
  gray: [150, 150, 152],
  white: [243, 243, 243],
  black: [30, 30, 33],
};

export const COLOUR_WORDS = Object.keys(BACKGROUND_SHADES) as readonly ColourWord[];

/** Euclidean distance of two colours in RGB. */
export function colourDistance(a: Rgb, b: Rgb): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** The colour moved towards white (amount > 0) or black (amount < 0) by an equal step in every channel. */
export function lighter(colour: Rgb, amount: number): Rgb {
  const move = (channel: number): number => Math.min(255, Math.max(0, channel + amount));
  return [move(colour[0]), move(colour[1]), move(colour[2])];
}

/** Linear mix: `share` 0 gives `a`, 1 gives `b`. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const at = (i: 0 | 1 | 2): number => a[i] + (b[i] - a[i]) * share;
  return [at(0), at(1), at(2)];
}
