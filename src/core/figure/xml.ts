import { escapeCodePoint } from "../run/tokenLabel.js";

/** Attributes by name; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An SVG element; numbers are written with at most three decimals. */
export function tag(name: string, attributes: Attributes, content = ""): string {
  const list = Object.entries(attributes).map(([key, value]) =>
    value === undefined ? "" : ` ${key}="${escapeXml(typeof value === "number" ? decimal(value) : value)}"`,
  );
  return content === "" ? `<${name}${list.join("")}/>` : `<${name}${list.join("")}>${content}</${name}>`;
}

/** A number as short as three decimals allow. */
export function decimal(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** Escapes text for an attribute or for content; what XML cannot hold at all is written as its code point. */
export function escapeXml(text: string): string {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text
    .replace(FORBIDDEN, escapeCodePoint)
    .replace(/[&<>"]/g, (character) => named[character] ?? character);
}

/** Characters that XML 1.0 does not allow: most controls, halves of pairs, two that are no characters. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
