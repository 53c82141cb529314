/**
 * The things that scenes show. A noun is one word and starts with a consonant (or always has a colour before it), so
 * that "a" is the right article. Every noun has a drawing in both icon sets.
 */

import type { ColourWord } from "./types";

export type IconSet = "noto" | "fluent";

export interface Drawing {
  readonly set: IconSet;
  readonly icon: string;
}

export interface Variant {
  readonly colour: ColourWord | null;
  readonly drawings: readonly Drawing[];
}

export interface Noun {
  readonly noun: string;
  readonly variants: readonly Variant[];
}

/** Icon by noun; the two sets use the same names. */
const PLAIN: Readonly<Record<string, string>> = {
  dog: "dog",
  cat: "cat",
  horse: "horse",
  pig: "pig",
  frog: "frog",
  fish: "tropical-fish",
  whale: "spouting-whale",
  turtle: "turtle",
  penguin: "penguin",
  butterfly: "butterfly",
  crab: "crab",
  rabbit: "rabbit",
  panda: "panda",
  chicken: "chicken",
  banana: "banana",
  strawberry: "strawberry",
  lemon: "lemon",
  pizza: "pizza",
  burger: "hamburger",
  doughnut: "doughnut",
  cookie: "cookie",
  cake: "birthday-cake",
  carrot: "carrot",
  car: "automobile",
  bus: "bus",
  bike: "bicycle",
  plane: "airplane",
  rocket: "rocket",
  tractor: "tractor",
  boat: "sailboat",
  rose: "rose",
  sunflower: "sunflower",
  tree: "deciduous-tree",
  cactus: "cactus",
  mushroom: "mushroom",
  house: "house",
  tent: "tent",
  key: "key",
  bell: "bell",
  camera: "camera",
  guitar: "guitar",
  crown: "crown",
  robot: "robot",
  ghost: "ghost",
  snowman: "snowman-without-snow",
  star: "star",
};

/** Nouns that come in several colours, which the answers then name. */
const COLOURED: Readonly<Record<string, Partial<Record<ColourWord, string>>>> = {
  heart: {
    red: "red-heart",
    yellow: "yellow-heart",
    green: "green-heart",
    blue: "blue-heart",
    purple: "purple-heart",
    brown: "brown-heart",
    white: "white-heart",
    black: "black-heart",
  },
  circle: {
    red: "red-circle",
    yellow: "yellow-circle",
    green: "green-circle",
    blue: "blue-circle",
    purple: "purple-circle",
    brown: "brown-circle",
    white: "white-circle",
    black: "black-circle",
  },
  square: {
    red: "red-square",
    yellow: "yellow-square",
    green: "green-square",
    blue: "blue-square",
    purple: "purple-square",
    brown: "brown-square",
  },
  apple: { red: "red-apple", green: "green-apple" },
  book: { red: "closed-book", green: "green-book", blue: "blue-book" },
};

function drawings(icon: string): Drawing[] {
  return [
    { set: "noto", icon },
    { set: "fluent", icon },
  ];
}

function plainNoun([noun, icon]: [string, string]): Noun {
  return { noun, variants: [{ colour: null, drawings: drawings(icon) }] };
}

function colouredNoun([noun, icons]: [string, Partial<Record<ColourWord, string>>]): Noun {
  const variants = Object.entries(icons).map(([colour, icon]) => ({
    colour: colour as ColourWord,
    drawings: drawings(icon),
  }));
  return { noun, variants };
}

export const NOUNS: readonly Noun[] = [
  ...Object.entries(PLAIN).map(plainNoun),
  ...Object.entries(COLOURED).map(colouredNoun),
];
