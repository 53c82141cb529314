import * as l10n from "@vscode/l10n";
import { element } from "../../components/element.js";
import { progressRing } from "../../components/progressRing.js";
import { isBusy, type PanelModel } from "../panelModel.js";

/** The room of the picture while there is none: what happens now, or what to do next. */
export function drawPlaceholder(model: PanelModel): HTMLElement {
  if (isBusy(model)) return drawWaiting(model);
  if (model.failure !== null) return element("div.placeholder", { attributes: { hidden: true } });
  return element(
    "div.placeholder",
    {},
    element("h2", {}, l10n.t("Nothing explained yet")),
    element(
      "p",
      {},
      model.form.imageName === ""
        ? l10n.t("Right-click a picture in the explorer and choose Explain with DEX-AR.")
        : l10n.t("Write what to ask about {0}, then press Run.", model.form.imageName),
    ),
    element(
      "p.note",
      {},
      l10n.t("Each word of the answer then shows where in the picture the model looked for it."),
    ),
  );
}

function drawWaiting({ activity, model, form }: PanelModel): HTMLElement {
  const cold = activity.phase === "starting" || activity.phase === "loading";
  return element(
    "div.placeholder",
    { attributes: { "aria-hidden": "true" } },
    progressRing(),
    element("p", {}, cold ? l10n.t("{0} gets ready", model.name) : form.imageName),
    element(
      "p.note",
      {},
      cold
        ? l10n.t("The first answer takes longer: the model is read from disk once and then stays ready.")
        : l10n.t("The tokens appear here, each with its heatmap."),
    ),
  );
}
