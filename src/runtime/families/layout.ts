import type { Rectangle } from "../../core/run/types.js";

/** Where the image tokens lie, in pixels of the upright original picture. */
export interface ImageLayout {
  /** What all cells cover together: the part of the picture that the model saw. */
  readonly seen: Rectangle;
  /** One rectangle per image token, in the tokens' order; one that shows nothing of the picture has no area. */
  readonly cells: readonly Rectangle[];
  /** The grids of tokens in words, for example "24 x 24". */
  readonly summary: string;
}
