/** Shapes shared by the scene generator: what a scene is and what is asked about it. */

/** Width and height of every generated picture, in pixels. */
export const SCENE_SIZE = 96;

/** Colour words the model may say, of objects and of backgrounds. */
export type ColourWord =
  "red" | "yellow" | "green" | "blue" | "purple" | "pink" | "brown" | "gray" | "white" | "black";

export type Column = "left" | "middle" | "right";
export type Row = "top" | "bottom";

/** One of the six regions of a picture; a scene has at most one object in each. */
export interface Cell {
  readonly row: Row;
  readonly column: Column;
}

/** Axis-aligned box in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** RGBA pixels, row-major, not premultiplied. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface SceneObject {
  readonly noun: string;
  /** Said only of nouns that come in several colours. */
  readonly colour: ColourWord | null;
  /** Which drawing was used, `set:icon`. */
  readonly glyph: string;
  readonly cell: Cell;
  readonly box: Box;
  /** 1 where the object covers the pixel (alpha of at least one half), else 0; row-major. */
  readonly mask: Uint8Array;
}

export type QuestionKind = "describe" | "what" | "where" | "count" | "isThere" | "colour";

/** What a word of an answer stands for; the evaluation groups tokens by it. */
export type WordRole =
  "object" | "objectColour" | "place" | "backgroundColour" | "background" | "number" | "function";

/** One word of an answer; each is exactly one token of the bundled model's tokenizer. */
export interface AnswerWord {
  readonly text: string;
  readonly role: WordRole;
  /** Index of the object that the word is about, or null. */
  readonly object: number | null;
}

export interface Question {
  readonly kind: QuestionKind;
  readonly question: string;
  readonly answer: string;
  readonly words: readonly AnswerWord[];
}

export interface Scene {
  readonly seed: number;
  /** RGB bytes, row-major, SCENE_SIZE x SCENE_SIZE. */
  readonly pixels: Uint8Array;
  readonly background: ColourWord;
  /** In reading order of the description: left to right, then top to bottom. */
  readonly objects: readonly SceneObject[];
  readonly questions: readonly Question[];
}
