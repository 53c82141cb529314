import * as l10n from "@vscode/l10n";
import { ExtensionLink } from "./extensionLink.js";
import type { Renderer, RendererContext } from "./notebookPage.js";
import { RunOutputs } from "./runOutputs.js";

/** Called once by a notebook's page when the first run shows up in it. */
export async function activate(context: RendererContext): Promise<Renderer> {
  const link = new ExtensionLink(context);
  const init = await link.init;
  if (init?.strings) l10n.config({ contents: { ...init.strings } });
  return new RunOutputs(link, init?.preferences ?? null);
}
