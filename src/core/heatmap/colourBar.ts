/** What a colour bar is of. */
export interface ColourBarData {
  /** Smallest and largest value of the map. */
  readonly low: number;
  readonly high: number;
  readonly signed: boolean;
  /** 0 to 1 */
  readonly opacity: number;
  /** Colour of 0 to 1. */
  readonly scale: (value: number) => readonly [red: number, green: number, blue: number];
}

/** A colour at a place of the bar, both as they are drawn. */
export interface ColourStop {
  /** 0 to 1 */
  readonly place: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** 0 to 1 */
  readonly alpha: number;
}

/** A bar ready to draw: colours from left to right and the numbers under them. */
export interface ColourBarLayout {
  readonly stops: readonly ColourStop[];
  /** Values at the left end, the middle (signed maps) and the right end. */
  readonly ends: readonly [low: number, high: number];
  readonly middle: number | null;
}

const STEPS = 32;

/**
 * Lays out the bar of a map: from its smallest to its largest value, or, when it is signed, as far on both sides of
 * 0, so that 0 is in the middle. Opacity follows the size of the value, as on the picture.
 */
export function layoutColourBar({ low, high, signed, opacity, scale }: ColourBarData): ColourBarLayout {
  const most = Math.max(Math.abs(low), Math.abs(high));
  const stops = Array.from({ length: STEPS + 1 }, (_, step) => {
    const place = step / STEPS;
    const [red, green, blue] = scale(place);
    return { place, red, green, blue, alpha: opacity * (signed ? Math.abs(2 * place - 1) : place) };
  });
  return { stops, ends: signed ? [-most, most] : [low, high], middle: signed ? 0 : null };
}
