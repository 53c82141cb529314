import { DexarError } from "../../../core/errors.js";
import type { Rectangle } from "../../../core/run/types.js";
import { MAX_PIXELS, pictureTooNarrow } from "../../image/pictureErrors.js";
import type { ImageLayout } from "../layout.js";
import { isSizeConfig, resizedSize, type Size, type SizeRule } from "../../image/resizedSize.js";

/** The fields of a preprocessor_config.json that decide where a pixel of the picture ends up. */
export interface GridProcessorConfig {
  readonly do_resize?: boolean;
  readonly size?: unknown;
  readonly do_center_crop?: boolean;
  readonly crop_size?: unknown;
  readonly do_pad?: boolean;
  readonly pad_size?: unknown;
  readonly image_processor_type?: unknown;
}

/** One grid of image tokens, row by row. */
export interface GridLayout extends ImageLayout {
  readonly rows: number;
  readonly cols: number;
}

/**
 * The layout, row by row, of a picture that is resized, then cut (or padded) around its centre, then divided into square patches.
 * Throws `image-layout-unknown` for a config with other steps, `image-too-narrow` when not one patch
 * fits or the resized picture would be beyond the pixel limit.
 * @param patchSize side of a patch in pixels of the model's input
 * @param rule whose rounding of the resized size (`transformers.js` for its own resize)
 */
export function imageLayout(
  original: Size,
  config: GridProcessorConfig,
  patchSize: number,
  rule: SizeRule = "python",
): GridLayout {
  refusePadding(config);
  const resized = config.do_resize === false ? original : resizedSize(original, knownSize(config.size), rule);
  if (resized.width * resized.height > MAX_PIXELS) throw pictureTooNarrow(original, resized);
  const input = config.do_center_crop === true ? cropSize(config.crop_size) : resized;
  const rows = Math.floor(input.height / patchSize);
  const cols = Math.floor(input.width / patchSize);
  if (rows < 1 || cols < 1) throw tooNarrow(original, input, patchSize);
  const x = edges(original.width, resized.width, input.width, patchSize, cols);
  const y = edges(original.height, resized.height, input.height, patchSize, rows);
  const cells: Rectangle[] = [];
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) cells.push(between(x, y, [col, col + 1], [row, row + 1]));
  }
  return { rows, cols, seen: between(x, y, [0, cols], [0, rows]), cells, summary: `${cols} x ${rows}` };
}

/** Others leave pad_size out and have nothing to pad; LLaVA's own processor then makes a square, transformers.js does not. */
function refusePadding({ do_pad, pad_size, image_processor_type }: GridProcessorConfig): void {
  if (do_pad !== true) return;
  if (pad_size !== undefined) throw layoutUnknown("pad_size", pad_size);
  if (/^LlavaImageProcessor(Fast)?$/.test(String(image_processor_type)))
    throw layoutUnknown("do_pad", do_pad);
}

/** The `count` + 1 borders between patches along one side, in original pixels, kept inside the picture. */
function edges(
  original: number,
  resized: number,
  input: number,
  patchSize: number,
  count: number,
): Float64Array {
  // Python's floor division: an odd pixel of a cut stays on the right, one of padding goes to the left.
  const offset = Math.floor((resized - input) / 2);
  return Float64Array.from({ length: count + 1 }, (_, i) => {
    const position = ((offset + i * patchSize) * original) / resized;
    return Math.min(original, Math.max(0, position));
  });
}

type Range = readonly [from: number, to: number];

function between(x: Float64Array, y: Float64Array, columns: Range, rows: Range): Rectangle {
  const [left, right] = columns.map((i) => x[i] ?? 0) as [number, number];
  const [top, bottom] = rows.map((i) => y[i] ?? 0) as [number, number];
  return [left, top, right - left, bottom - top];
}

function knownSize(size: unknown) {
  if (isSizeConfig(size)) return size;
  throw layoutUnknown("size", size);
}

function cropSize(size: unknown): Size {
  if (typeof size === "number") return { width: size, height: size };
  if (isSizeConfig(size) && typeof size === "object" && "width" in size) return size;
  throw layoutUnknown("crop_size", size);
}

function layoutUnknown(field: string, value: unknown): DexarError {
  return new DexarError(
    "image-layout-unknown",
    `The model's preprocessor_config.json has ${field} ${JSON.stringify(value)}, which a model with one grid of image patches does not use.`,
    "Check that the folder's processor resizes to `shortest_edge` or to `height` and `width`.",
  );
}

function tooNarrow(original: Size, input: Size, patchSize: number): DexarError {
  return new DexarError(
    "image-too-narrow",
    `The picture (${original.width}x${original.height}) becomes ${input.width}x${input.height} pixels for the model, ` +
      `smaller than one patch of ${patchSize}x${patchSize}.`,
    "Use a picture that is less narrow.",
  );
}
