/** Backgrounds: one colour word each, but not one flat colour. */

import { BACKGROUND_SHADES, lighter, mix, type Rgb } from "./colours";
import type { Random } from "./random";
import { SCENE_SIZE, type ColourWord } from "./types";

/** Gives the colour of a pixel. */
type Painter = (x: number, y: number) => Rgb;

type PainterMaker = (a: Rgb, b: Rgb, random: Random) => Painter;

/** Position along a random direction, in pixels from the corner. */
function axis(random: Random): (x: number, y: number) => number {
  const angle = random.between(0, Math.PI * 2);
  const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => x * dx + y * dy;
}

const flat: PainterMaker = (a) => () => a;

const gradient: PainterMaker = (a, b, random) => {
  const along = axis(random);
  const half = SCENE_SIZE / 2;
  return (x, y) => mix(a, b, 0.5 + along(x - half, y - half) / (SCENE_SIZE * 1.5));
};

const stripes: PainterMaker = (a, b, random) => {
  const along = axis(random);
  const width = random.between(4, 14);
  return (x, y) => (Math.floor(along(x, y) / width) % 2 === 0 ? a : b);
};

const waves: PainterMaker = (a, b, random) => {
  const [first, second] = [axis(random), axis(random)];
  const length = random.between(5, 16);
  return (x, y) => mix(a, b, 0.5 + 0.25 * (Math.sin(first(x, y) / length) + Math.sin(second(x, y) / length)));
};

const checks: PainterMaker = (a, b, random) => {
  const width = random.integer(5, 16);
  return (x, y) => ((Math.floor(x / width) + Math.floor(y / width)) % 2 === 0 ? a : b);
};

const grain: PainterMaker = (a, b, random) => {
  return () => mix(a, b, random.next());
};

const MAKERS: readonly PainterMaker[] = [flat, gradient, gradient, stripes, waves, checks, grain];

/** Fills an RGB picture with a texture of two near shades of the colour. */
export function paintBackground(colour: ColourWord, random: Random): Uint8Array {
  const middle = lighter(BACKGROUND_SHADES[colour], random.between(-8, 8));
  const spread = random.between(6, 14);
  const painter = random.pick(MAKERS)(lighter(middle, -spread), lighter(middle, spread), random);
  const pixels = new Uint8Array(SCENE_SIZE * SCENE_SIZE * 3);
  for (let y = 0, i = 0; y < SCENE_SIZE; y++) {
    for (let x = 0; x < SCENE_SIZE; x++) {
      for (const channel of painter(x, y)) pixels[i++] = Math.round(channel);
    }
  }
  return pixels;
}
