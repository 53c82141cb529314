/** A box of the drawing. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where everything of a token strip goes, in units of the drawing (pixels at scale 1). */
export interface StripLayout {
  readonly columns: number;
  /** Size of the picture in a token's tile and in the whole-answer tile. */
  readonly tilePicture: { readonly width: number; readonly height: number };
  readonly heroPicture: { readonly width: number; readonly height: number };
  readonly hero: Box;
  readonly tiles: readonly Box[];
  readonly width: number;
  readonly height: number;
}

/** Margin around the drawing. */
export const MARGIN = 28;
/** Height of the words and numbers under a tile's picture. */
export const CAPTION = 74;
const COLUMN_GAP = 22;
const ROW_GAP = 20;

/** Lays out the whole-answer tile (2 x 2 cells, top left) and `tokens` tiles beside and below it. */
export function stripLayout(
  tokens: number,
  picture: { width: number; height: number },
  top: number,
): StripLayout {
  const tilePicture = fitPicture(picture);
  const tileWidth = Math.max(tilePicture.width, 220);
  const rowHeight = tilePicture.height + CAPTION;
  const columns = chooseColumns(tokens, tileWidth + COLUMN_GAP, rowHeight + ROW_GAP);
  const cell = (row: number, column: number): Box => ({
    x: MARGIN + column * (tileWidth + COLUMN_GAP),
    y: top + row * (rowHeight + ROW_GAP),
    width: tileWidth,
    height: rowHeight,
  });
  const tiles: Box[] = [];
  let rows = 2;
  for (let index = 0; tiles.length < tokens; index += 1) {
    const row = Math.floor(index / columns);
    const column = index % columns;
    if (row < 2 && column < 2) continue;
    tiles.push(cell(row, column));
    rows = Math.max(rows, row + 1);
  }
  const hero: Box = { ...cell(0, 0), width: 2 * tileWidth + COLUMN_GAP, height: 2 * rowHeight + ROW_GAP };
  return {
    columns,
    tilePicture,
    heroPicture: contain(picture, hero.width, hero.height - CAPTION),
    hero,
    tiles,
    width: 2 * MARGIN + columns * (tileWidth + COLUMN_GAP) - COLUMN_GAP,
    height: top + rows * (rowHeight + ROW_GAP) - ROW_GAP,
  };
}

/** A tile's picture: about 240 x 240 in area, at most 340 wide and 360 high, whatever its shape. */
function fitPicture(picture: { width: number; height: number }): { width: number; height: number } {
  const side = Math.sqrt((240 * 240 * picture.width) / picture.height);
  return contain(picture, Math.min(340, Math.max(220, side)), 360);
}

function contain(picture: { width: number; height: number }, width: number, height: number) {
  const factor = Math.min(width / picture.width, height / picture.height);
  return {
    width: Math.max(1, Math.round(picture.width * factor)),
    height: Math.max(1, Math.round(picture.height * factor)),
  };
}

/** Up to six tokens stand beside the whole answer; more make the drawing about 1.5 times as wide as high, 3 to 10 columns. */
function chooseColumns(tokens: number, width: number, height: number): number {
  if (tokens <= 6) return 2 + Math.max(1, Math.ceil(tokens / 2));
  return Math.min(10, Math.max(3, Math.round(Math.sqrt(((tokens + 4) * 1.5 * height) / width))));
}
