import { toBase64 } from "../../src/core/run/packArrays.js";
import { element } from "../components/element.js";

/**
 * Saves a file through a link with its bytes: a notebook asks where to, a browser downloads it.
 * @param place in the document, which the click of the link must come through
 */
export async function saveFile(content: Blob, name: string, place: HTMLElement): Promise<void> {
  const bytes = new Uint8Array(await content.arrayBuffer());
  const href = `data:${content.type};base64,${toBase64(bytes)}`;
  const link = element("a", { attributes: { href, download: name, hidden: true } });
  place.append(link);
  link.click();
  link.remove();
}
