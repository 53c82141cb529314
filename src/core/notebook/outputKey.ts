import type { NotebookOutputItem } from "./types.js";

type Encoding = NotebookOutputItem["encoding"];

/** Ends the name of a representation that is in base64 although its media type promises JSON or text. */
const IN_BASE64 = ";base64";

/** How the content of a media type is written: JSON as it is, text in lines, everything else in base64. */
export function encodingOf(mime: string): Encoding {
  // Such a name would be taken for the mark.
  if (mime.endsWith(IN_BASE64)) return "base64";
  const type = mime.replace(/;.*$/, "").trim().toLowerCase();
  if (type === "application/json" || type.endsWith("+json") || type === "application/vnd.code.notebook.error")
    return "json";
  return type.startsWith("text/") || type.endsWith("+xml") ? "text" : "base64";
}

/** The name of a representation in the file: its media type, marked when its content is not written as that says. */
export function outputKey({ mime, encoding }: NotebookOutputItem): string {
  const plain = encoding === encodingOf(mime) && !mime.endsWith(IN_BASE64);
  return plain ? mime : `${mime}${IN_BASE64}`;
}

/** The inverse of `outputKey`. */
export function readOutputKey(key: string): { readonly mime: string; readonly encoding: Encoding } {
  if (!key.endsWith(IN_BASE64)) return { mime: key, encoding: encodingOf(key) };
  return { mime: key.slice(0, -IN_BASE64.length), encoding: "base64" };
}

/** Whether a field of an output is a representation: only media types have a slash. */
export function isOutputKey(key: string): boolean {
  return key.includes("/");
}
