import type { ColourMapName } from "../heatmap/colourMap.js";
import type { Rectangle, RunInfo } from "../run/types.js";

/** The map that a figure shows. */
export interface FigureMap {
  /** [N] */
  readonly values: Float32Array;
  /** True when values below 0 mean something: two-sided colours, 0 in the middle. */
  readonly signed: boolean;
  /** What the map is of: a token or the whole answer. */
  readonly title: string;
  /** What the numbers on the colour bar are. */
  readonly label: string;
}

/** How the map lies on the picture. */
export interface FigureStyle {
  /** Two-sided for signed maps (`mapColours`). */
  readonly colourMap: ColourMapName;
  /** Opacity of the largest value, 0 to 1. */
  readonly opacity: number;
  /** Interpolated between the cells (a raster), or the cells as they are (rectangles). */
  readonly smooth: boolean;
  /** The picture in grey below the map. */
  readonly grey: boolean;
  /** Lines between the cells. */
  readonly grid: boolean;
  /** Frames around the tiles, where the model cut the picture into some. */
  readonly tiles: boolean;
}

/** The paper that a figure is for. */
export interface FigurePaper {
  /** Width of the whole figure in millimetres. */
  readonly widthMm: number;
  /** Size of its words in points. */
  readonly fontSizePt: number;
  readonly background: "white" | "none";
}

/** One column of a two-column paper. */
export const DEFAULT_PAPER: FigurePaper = { widthMm: 84, fontSizePt: 8, background: "white" };

/** The answer under the picture, its tokens tinted. */
export interface FigureAnswer {
  /** delta of each token [T]. */
  readonly weights: ArrayLike<number>;
  /** The token that the map is of; null for the whole answer. */
  readonly selected: number | null;
}

/** Everything a figure is made of. */
export interface FigureInput {
  readonly info: RunInfo;
  /** The upright picture as a `data:` address. */
  readonly picture: string;
  readonly map: FigureMap;
  readonly style: FigureStyle;
  readonly paper: FigurePaper;
  /** null leaves the tokens out. */
  readonly answer: FigureAnswer | null;
  /** A part of the picture that is framed, the rest veiled. */
  readonly region?: Rectangle | null;
}

/** A finished figure: one SVG document without links or scripts, and its size on paper. */
export interface Figure {
  readonly svg: string;
  readonly widthMm: number;
  readonly heightMm: number;
}

/** A box of the figure, in points. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A drawn part of the figure and the height it takes, in points. */
export interface Block {
  readonly svg: string;
  readonly height: number;
}
