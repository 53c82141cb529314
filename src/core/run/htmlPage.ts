import { packArrays } from "./packArrays.js";
import type { ReportData } from "./reportData.js";

/** What a report page is made of. */
export interface HtmlPageParts {
  readonly data: ReportData;
  /** The page's bundled script. */
  readonly script: string;
  /** The page's bundled styles. */
  readonly styles: string;
  /** Shown in the browser's tab; by default the prompt. */
  readonly title?: string;
  /** The SHA-256 of a text (UTF-8) in base64. */
  readonly hash: (text: string) => Promise<string> | string;
}

/** One HTML file that shows the run without a network: it may load nothing and run nothing but its own script. */
export function htmlPage({ data, title, ...parts }: HtmlPageParts): Promise<string> {
  const { info } = data;
  const tab = title ?? `${info.prompt.text.trim() || info.image.name} · DEX-AR`;
  return selfContainedPage({ ...parts, data, title: tab, generator: info.tool });
}

/** What any page with its data inside is made of. */
export interface SelfContainedParts extends Pick<HtmlPageParts, "script" | "styles" | "hash"> {
  /** Plain data with arrays of numbers: the script finds it packed (`packArrays`) in the element `run`. */
  readonly data: unknown;
  readonly title: string;
  /** The program that made it. */
  readonly generator: string;
}

/** One HTML file with a script, its styles and its data; it may load nothing and run nothing else. */
export async function selfContainedPage({
  data,
  script,
  styles,
  title,
  generator,
  hash,
}: SelfContainedParts): Promise<string> {
  const code = escapeClosing(script, "script");
  const css = escapeClosing(styles, "style");
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${await hash(code)}'`,
    // The second: an empty <style>, which the controls' library makes to try out a selector.
    `style-src 'sha256-${await hash(css)}' 'sha256-${await hash("")}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return [
    `<!doctype html>`,
    `<html lang="en">`,
    `<head>`,
    `<meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="generator" content="${escapeHtml(generator)}">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${css}</style>`,
    `</head>`,
    `<body>`,
    `<noscript>This report needs JavaScript; it loads nothing from the network.</noscript>`,
    `<script type="application/json" id="run">${packArrays(data)}</script>`,
    `<script>${code}</script>`,
    `</body>`,
    `</html>`,
    ``,
  ].join("\n");
}

/** Keeps a closing tag inside the content from ending the element. */
function escapeClosing(content: string, name: "script" | "style"): string {
  return content.replaceAll(new RegExp(`</(?=${name})`, "gi"), "<\\/");
}

function escapeHtml(text: string): string {
  const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => named[character] ?? character);
}
