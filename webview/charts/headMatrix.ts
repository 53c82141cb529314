/** A layers x heads matrix of one value per head (row-major), and what became of each head. */
export interface HeadMatrixData {
  readonly layers: number;
  readonly heads: number;
  readonly values: ArrayLike<number>;
  /** 0: dropped; above: kept in so many tokens. */
  readonly kept: ArrayLike<number>;
  readonly forced: ArrayLike<"keep" | "drop" | null>;
  /** Half-open range of the layers that make up the map. */
  readonly range: readonly [from: number, to: number];
}

/** One head's cell, in pixels of the chart. */
export interface HeadCell {
  readonly layer: number;
  readonly head: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Value over the matrix's maximum, 0 to 1. */
  readonly share: number;
  readonly kept: boolean;
  readonly forced: "keep" | "drop" | null;
  readonly inRange: boolean;
}

/** Sizes of the whole chart. */
export interface HeadMatrixLayout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  /** Distance between two heads, and between two layers. */
  readonly columnStep: number;
  readonly rowStep: number;
  readonly maximum: number;
  readonly cells: readonly HeadCell[];
  readonly rowLabels: readonly { readonly text: string; readonly y: number }[];
  readonly columnLabels: readonly { readonly text: string; readonly x: number }[];
  readonly heads: number;
  readonly layers: number;
}

const LEFT = 30;
const TOP = 18;
const WIDEST = 36;
const HIGHEST = 22;
const ROOM = 448;

/** Lays the matrix out within `width` pixels: rows are layers, columns are heads; many make small cells, few labels. */
export function layoutHeadMatrix(data: HeadMatrixData, width: number): HeadMatrixLayout {
  const { layers, heads, range } = data;
  const columnStep = Math.min(WIDEST, (width - LEFT) / heads);
  const rowStep = Math.max(4, Math.min(HIGHEST, Math.floor(ROOM / layers)));
  const maximum = Array.from(data.values).reduce((a, b) => Math.max(a, b), 0);
  const gap = Math.min(columnStep, rowStep) >= 6 ? 2 : columnStep >= 3 ? 1 : 0;
  const cells: HeadCell[] = [];
  for (let index = 0; index < layers * heads; index++) {
    const layer = Math.floor(index / heads);
    const head = index % heads;
    const x = Math.round(LEFT + head * columnStep);
    cells.push({
      layer,
      head,
      x,
      y: TOP + layer * rowStep,
      width: Math.max(1, Math.round(LEFT + (head + 1) * columnStep) - x - gap),
      height: rowStep - Math.max(1, gap),
      share: maximum > 0 ? (data.values[index] ?? 0) / maximum : 0,
      kept: (data.kept[index] ?? 0) > 0,
      forced: data.forced[index] ?? null,
      inRange: layer >= range[0] && layer < range[1],
    });
  }
  return {
    ...{ width: Math.ceil(LEFT + heads * columnStep), height: TOP + layers * rowStep },
    ...{ left: LEFT, top: TOP, columnStep, rowStep, maximum, cells, heads, layers },
    rowLabels: ticks(layers, 13 / rowStep).map((layer) => ({
      text: `L${layer}`,
      y: TOP + (layer + 0.5) * rowStep,
    })),
    columnLabels: ticks(heads, 26 / columnStep).map((head) => ({
      text: `H${head}`,
      x: LEFT + (head + 0.5) * columnStep,
    })),
  };
}

/** Every so many numbers that labels do not touch; steps people count in. */
function ticks(count: number, least: number): number[] {
  const every = [1, 2, 4, 5, 8, 10, 16, 20, 32].find((step) => step >= least) ?? Math.ceil(least);
  return Array.from({ length: Math.ceil(count / every) }, (_, index) => index * every);
}

/** The head under a point of the chart; null beside the matrix. */
export function headAt(layout: HeadMatrixLayout, x: number, y: number): HeadCell | null {
  const head = Math.floor((x - layout.left) / layout.columnStep);
  const layer = Math.floor((y - layout.top) / layout.rowStep);
  if (head < 0 || head >= layout.heads || layer < 0 || layer >= layout.layers) return null;
  return layout.cells[layer * layout.heads + head] ?? null;
}

/** The head an arrow key leads to from `from`; `undefined` when the key means nothing here. */
export function nextHead(layout: HeadMatrixLayout, from: HeadCell | null, key: string): HeadCell | undefined {
  const end = layout.heads - 1;
  const to = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    Home: [0, -end],
    End: [0, end],
    PageUp: [-5, 0],
    PageDown: [5, 0],
  }[key];
  if (!to) return undefined;
  if (!from) return layout.cells[0];
  const layer = Math.min(layout.layers - 1, Math.max(0, from.layer + (to[0] ?? 0)));
  const head = Math.min(end, Math.max(0, from.head + (to[1] ?? 0)));
  return layout.cells[layer * layout.heads + head];
}
