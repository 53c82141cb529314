/** A scene from a seed: background, one to three drawings, and what is asked about them. */

import { paintBackground } from "./background";
import { BACKGROUND_SHADES, COLOUR_WORDS, colourDistance } from "./colours";
import { drawingName, rasterise, type Glyph } from "./glyphs";
import { placeObjects, type Place } from "./layout";
import { NOUNS, type Drawing, type Noun, type Variant } from "./nouns";
import { askQuestions } from "./questions";
import { createRandom, type Random } from "./random";
import { SCENE_SIZE, type ColourWord, type Scene, type SceneObject } from "./types";

export const MAX_OBJECTS = 3;

/** RGB distance that a drawing's mean colour keeps from the background. */
const MIN_CONTRAST = 70;

interface Choice {
  readonly noun: Noun;
  readonly variant: Variant;
  readonly drawing: Drawing;
  readonly place: Place;
  readonly glyph: Glyph;
}

/** The scene of a seed; the same seed always gives the same pixels and questions. */
export function generateScene(seed: number): Scene {
  const random = createRandom(seed);
  const choices = chooseObjects(random);
  const background = chooseBackground(choices, random);
  const pixels = paintBackground(background, random);
  const objects = choices.map((choice) => draw(choice, pixels));
  const questions = askQuestions({ objects, background }, random);
  return { seed, pixels, background, objects, questions };
}

function chooseObjects(random: Random): Choice[] {
  const places = placeObjects(random.integer(1, MAX_OBJECTS), random);
  const nouns = random.shuffle(NOUNS);
  return places.map((place, i) => {
    const noun = nouns[i];
    if (!noun) throw new Error("more objects than nouns");
    const variant = random.pick(noun.variants);
    const drawing = random.pick(variant.drawings);
    return { noun, variant, drawing, place, glyph: rasterise(drawing, place.box.width) };
  });
}

/** A colour that every drawing stands out from; the most distant one if there is none. */
function chooseBackground(choices: readonly Choice[], random: Random): ColourWord {
  const contrast = (colour: ColourWord): number =>
    Math.min(
      ...choices.map(({ glyph, variant }) =>
        variant.colour === colour ? 0 : colourDistance(glyph.meanColour, BACKGROUND_SHADES[colour]),
      ),
    );
  const good = COLOUR_WORDS.filter((colour) => contrast(colour) >= MIN_CONTRAST);
  if (good.length > 0) return random.pick(good);
  return COLOUR_WORDS.reduce((best, colour) => (contrast(colour) > contrast(best) ? colour : best));
}

/** Composites the drawing over the picture and gives its mask. */
function draw({ noun, variant, drawing, place, glyph }: Choice, pixels: Uint8Array): SceneObject {
  const mask = new Uint8Array(SCENE_SIZE * SCENE_SIZE);
  const { x: left, y: top } = place.box;
  for (let y = 0; y < glyph.height; y++) {
    for (let x = 0; x < glyph.width; x++) {
      const source = (y * glyph.width + x) * 4;
      const target = (top + y) * SCENE_SIZE + left + x;
      const alpha = (glyph.data[source + 3] ?? 0) / 255;
      if (alpha >= 0.5) mask[target] = 1;
      for (let c = 0; c < 3; c++) {
        const under = pixels[target * 3 + c] ?? 0;
        pixels[target * 3 + c] = Math.round(under + ((glyph.data[source + c] ?? 0) - under) * alpha);
      }
    }
  }
  const { cell, box } = place;
  return { noun: noun.noun, colour: variant.colour, glyph: drawingName(drawing), cell, box, mask };
}
