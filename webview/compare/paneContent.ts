import * as l10n from "@vscode/l10n";
import type { ComparedSide } from "../../src/core/compare/side.js";
import { drawnSize, drawnValues } from "../../src/core/heatmap/drawnValues.js";
import { scaleCells } from "../../src/core/heatmap/scaleCells.js";
import { formatNumber } from "../../src/core/run/formatNumber.js";
import { mapRegion, pictureRegion } from "../../src/core/run/mapRegion.js";
import type { Rectangle, RunInfo } from "../../src/core/run/types.js";
import type { Both } from "../../src/protocol/compare.js";
import { mapPainter, type MapPainter } from "../panel/mapLayer.js";
import { regionName } from "../panel/placeName.js";
import { DEFAULT_STYLE } from "../panel/store.js";
import type { PresentMap } from "../panel/presentMap.js";
import type { CompareState, CompareStore, Front } from "./compareStore.js";
import { choiceName } from "./choiceName.js";

/** What a pane shows. */
export interface PaneContent {
  readonly picture: CanvasImageSource;
  readonly image: { readonly width: number; readonly height: number };
  /** In pixels of `image`. */
  readonly cells: readonly Rectangle[];
  readonly map: PresentMap;
  /** Ends of the colour bar, in shares of a map. */
  readonly range: { readonly low: number; readonly high: number };
  readonly title: string;
  /** The map in words. */
  readonly description: string;
  readonly empty: boolean;
}

/** The content of A's, B's or the difference's pane now. */
export function paneContent(
  store: CompareStore,
  front: Front,
  pictures: Both<CanvasImageSource>,
): PaneContent {
  const side = front === "a" ? 0 : 1;
  const { info } = store.data[side];
  const { image } = info;
  const { comparison, state } = store;
  const { map } = comparison;
  const place = { picture: pictures[side], image, cells: scaleCells(map.cells, image.width, image.height) };
  if (front === "difference") {
    const empty = map.most === 0;
    const most = drawnSize(map.difference, map.cells);
    return {
      ...place,
      map: { values: map.difference, signed: true, title: "" },
      range: { low: -most, high: most },
      title: l10n.t("red: more in B, blue: more in A"),
      description: empty ? l10n.t("No difference.") : differenceText(map.difference, place.cells, info),
      empty,
    };
  }
  const values = map[front];
  const drawn = drawnValues(values, map.cells);
  const high = highest(drawn);
  const empty = highest(values) === 0;
  const shared = Math.max(...[map.a, map.b].map((each) => highest(drawnValues(each, map.cells))));
  const low = state.oneScale ? 0 : drawn.reduce((least, value) => Math.min(least, value), Infinity);
  return {
    ...place,
    map: { values, signed: false, title: "", ...(state.oneScale ? { most: shared } : {}) },
    range: { low, high: state.oneScale ? shared : high },
    title: sideTitle(store, side),
    description: sideText(comparison[front], info, empty),
    empty,
  };
}

function highest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function sideTitle(store: CompareStore, side: 0 | 1): string {
  const { delta } = store.comparison[side === 0 ? "a" : "b"];
  const name = choiceName(store.data[side].info, store.state.choice[side]);
  return delta === null || store.state.choice[side] === null
    ? name
    : l10n.t("{0}, delta {1}", name, formatNumber(delta));
}

function sideText({ delta, map }: ComparedSide, info: RunInfo, empty: boolean): string {
  if (delta === null) return l10n.t("This answer has no such word.");
  if (empty) return l10n.t("Empty: the picture decided nothing here, by this measure.");
  const region = mapRegion(info, map.values);
  return region ? l10n.t("Strongest at {0}.", regionName(region)) : l10n.t("The same everywhere.");
}

/** Where each side looks more than the other. */
function differenceText(difference: Float32Array, cells: readonly Rectangle[], info: RunInfo): string {
  const at = (values: Float32Array): string => {
    const region = pictureRegion(values, cells, info);
    return region ? regionName(region) : l10n.t("nowhere");
  };
  const more = difference.map((value) => Math.max(0, value));
  const less = difference.map((value) => Math.max(0, -value));
  return l10n.t("B looks more at {0}, A at {1}.", at(more), at(less));
}

/** Painters by what they paint: a change of opacity or size must not work out the map anew. */
const PAINTERS = new WeakMap<Float32Array, MapPainter>();

function painterOf({ map, image, cells }: PaneContent): MapPainter {
  const painter = PAINTERS.get(map.values) ?? mapPainter({ image, cells });
  PAINTERS.set(map.values, painter);
  return painter;
}

/** Draws picture and map over the whole of a canvas. */
export function paintPane(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  content: PaneContent,
  style: CompareState["style"],
  size: { readonly width: number; readonly height: number },
): void {
  const { picture, map } = content;
  const { width, height } = content.image;
  context.save();
  context.clearRect(0, 0, size.width, size.height);
  context.scale(size.width / width, size.height / height);
  context.imageSmoothingQuality = "high";
  // Pale and grey below the two sides, so that the picture's colours are not taken for the map's.
  if (map.signed) {
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    context.filter = "grayscale(1) opacity(0.6)";
  }
  context.drawImage(picture, 0, 0, width, height);
  context.filter = "none";
  const layer = painterOf(content).paint(map, { ...DEFAULT_STYLE, ...style });
  context.imageSmoothingEnabled = layer.smooth;
  context.drawImage(layer.image, ...layer.box);
  context.restore();
}
