import * as l10n from "@vscode/l10n";
import exportIcon from "@vscode/codicons/src/icons/export.svg";
import { button } from "../components/button.js";
import { element } from "../components/element.js";
import { menu } from "../components/menu.js";
import { DEFAULT_PREFERENCES, exportFigure, exportPicture } from "../panel/exportPicture.js";
import { pictureSuffix } from "../panel/runExports.js";
import { describeFailure } from "../panel/states/failure.js";
import type { Store } from "../panel/store.js";
import type { OutputContent } from "./outputView.js";
import { saveFile } from "./saveFile.js";

/** What the tools of an output act on. */
type ToolsContent = Pick<OutputContent, "runId" | "link" | "preferences"> & {
  readonly store: Store;
  readonly picture: HTMLImageElement;
};

/** The head of an output: its facts, *Open in panel* where somebody can do it, and the export of the picture. */
export function drawOutputTools(content: ToolsContent, facts: HTMLElement): HTMLElement[] {
  const { link, runId } = content;
  const notice = element("p.notice", { attributes: { role: "status" } });
  const attempt = (work: () => Promise<string | void>): void => {
    work().then(
      (said) => (notice.textContent = said ?? ""),
      (error: unknown) => {
        const { message, nextStep } = describeFailure(error);
        notice.textContent = `${message} ${nextStep}`;
      },
    );
  };
  const open = button(
    l10n.t("Open in panel"),
    { title: l10n.t("With the filter, and other tokens to ask for") },
    () =>
      attempt(async () => {
        const failure = await link.openPanel(runId);
        if (failure !== null) return `${failure.message} ${failure.nextStep}`;
      }),
  );
  const exports = menu(exportIcon, l10n.t("Export"), [
    { text: l10n.t("Save picture as PNG"), choose: () => attempt(() => savePng(content, tools)) },
    { text: l10n.t("Save picture as SVG"), choose: () => attempt(() => saveSvg(content, tools)) },
    { text: l10n.t("Copy picture"), choose: () => attempt(() => copyPicture(content)) },
  ]);
  const tools = element("span.tools", {}, ...(link.present ? [open] : []), exports);
  return [element("div.run-output-head", {}, facts, tools), notice];
}

function paperOf({ preferences }: ToolsContent) {
  return preferences?.paper ?? DEFAULT_PREFERENCES;
}

async function savePng(content: ToolsContent, place: HTMLElement): Promise<void> {
  const { store, picture } = content;
  await saveFile(await exportPicture(store, picture.src, paperOf(content)), fileName(store, "png"), place);
}

async function saveSvg(content: ToolsContent, place: HTMLElement): Promise<void> {
  const { store, picture } = content;
  const { svg } = await exportFigure(store, picture.src, paperOf(content));
  await saveFile(new Blob([svg], { type: "image/svg+xml" }), fileName(store, "svg"), place);
}

async function copyPicture(content: ToolsContent): Promise<string> {
  const { store, picture } = content;
  const png = exportPicture(store, picture.src, paperOf(content));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
  return l10n.t("The picture is on the clipboard.");
}

function fileName(store: Store, ending: string): string {
  const name = store.data.info.image.name.replace(/\.[^.]+$/, "");
  return `${name}.${pictureSuffix(store)}.${ending}`;
}
