/** A format that `loadPicture` reads; also the usual file extension. */
export type PictureFormat = "png" | "jpg" | "webp" | "gif" | "bmp" | "tiff" | "avif" | "svg";

/** What a file is, judged by its first bytes. */
export type FileKind =
  | { readonly kind: "picture"; readonly format: PictureFormat; readonly name: string }
  /** A picture in a format that is not supported. */
  | { readonly kind: "other-picture"; readonly name: string }
  /** Something else that is known; `name` with its article, as in "a PDF document". */
  | { readonly kind: "other"; readonly name: string }
  | { readonly kind: "unknown" };

/** A kind and how its files begin: a pattern for the first bytes as Latin-1 text, one character a byte. */
type Signature = readonly [pattern: RegExp, kind: FileKind];

const picture = (pattern: RegExp, format: PictureFormat, name: string): Signature => [
  pattern,
  { kind: "picture", format, name },
];
const otherPicture = (pattern: RegExp, name: string): Signature => [pattern, { kind: "other-picture", name }];
const other = (pattern: RegExp, name: string): Signature => [pattern, { kind: "other", name }];

/** The first match counts. */
const SIGNATURES: readonly Signature[] = [
  picture(/^\x89PNG/, "png", "PNG"),
  picture(/^\xff\xd8\xff/, "jpg", "JPEG"),
  picture(/^GIF8/, "gif", "GIF"),
  picture(/^BM.{4}\0\0\0\0/s, "bmp", "BMP"),
  picture(/^RIFF....WEBP/s, "webp", "WebP"),
  picture(/^(?:II[*+]\0|MM\0[*+])/, "tiff", "TIFF"),
  picture(/^....ftyp.{0,60}?avi[fs]/s, "avif", "AVIF"),
  picture(/^(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!--|<!DOCTYPE svg|<svg).*?(?<=<svg)\s/is, "svg", "SVG"),
  otherPicture(/^....ftyp(?:hei[csxm]|hev[cx]|mif1|msf1)/s, "HEIC"),
  otherPicture(/^(?:\xff\x0a|\0\0\0\x0cJXL )/, "JPEG XL"),
  otherPicture(/^(?:\xff\x4f\xff\x51|\0\0\0\x0cjP {2})/, "JPEG 2000"),
  otherPicture(/^8BPS/, "Photoshop"),
  otherPicture(/^\0\0[\x01\x02]\0[\x01-\xff]\0/, "icon (ICO)"),
  other(/^%PDF-/, "a PDF document"),
  other(/^PK[\x03\x05\x07]/, "a ZIP archive (or an Office document)"),
  other(/^\x1f\x8b/, "a gzip archive"),
  other(/^\s*(?:<!DOCTYPE html|<html)/i, "an HTML page"),
  other(/^....ftyp/s, "an MP4 or QuickTime video"),
  other(/^\x93NUMPY/, "a NumPy array"),
  other(/^version https:\/\/git-lfs/, "a Git LFS pointer (the picture itself was not downloaded)"),
];

/** How many bytes of the start {@link fileKind} looks at. */
export const FILE_KIND_BYTES = 1024;

/** Judges a file by its first {@link FILE_KIND_BYTES} bytes (fewer if it is shorter), never by its name. */
export function fileKind(start: Uint8Array): FileKind {
  const text = Buffer.from(start).toString("latin1", 0, FILE_KIND_BYTES);
  const found = SIGNATURES.find(([pattern]) => pattern.test(text));
  if (found !== undefined) return found[1];
  if (isText(start)) return { kind: "other", name: `text ("${firstWords(start)}")` };
  return { kind: "unknown" };
}

function isText(start: Uint8Array): boolean {
  return (
    start.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) && isUtf8(start)
  );
}

function isUtf8(start: Uint8Array): boolean {
  try {
    // `stream` tolerates a character cut by the end of the sample.
    new TextDecoder("utf-8", { fatal: true }).decode(start, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function firstWords(start: Uint8Array): string {
  const line =
    new TextDecoder()
      .decode(start)
      .trim()
      .split(/[\r\n]/)[0] ?? "";
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
