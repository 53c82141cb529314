import type { ReportData } from "../../src/core/run/reportData.js";
import { element } from "../components/element.js";
import { DEFAULT_PREFERENCES } from "./exportPicture.js";
import { drawRunFacts } from "./header/runFacts.js";
import type { PanelHost } from "./panelHost.js";
import { drawExportMenu, exportRun } from "./runExports.js";
import { openRunView } from "./runView.js";
import { describeFailure } from "./states/failure.js";

/** A page about one run, complete and without a model: facts in place of the form. */
export async function showRecordedRun(host: PanelHost, data: ReportData, root: HTMLElement): Promise<void> {
  const view = await openRunView(data, data.picture, {}, null);
  const notice = element("p.notice", { attributes: { role: "status" } });
  const menu = drawExportMenu(host, (kind) => {
    exportRun(host, { ...view, runId: data.info.id, paper: DEFAULT_PREFERENCES }, kind).then(
      (said) => (notice.textContent = said ?? ""),
      (error: unknown) => (notice.textContent = describeFailure(error).message),
    );
  });
  const header = element("header", {}, element("div.tools", {}, menu), ...drawRunFacts(data.info));
  root.replaceChildren(element("main.report", {}, header, notice, element("div.body", {}, ...view.parts)));
}
