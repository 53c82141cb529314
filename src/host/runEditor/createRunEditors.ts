import type * as vscode from "vscode";
import type { PictureBytes } from "../../protocol/panel.js";
import type { Explainer } from "../explain/explainer.js";
import type { Exporter } from "../export/exporter.js";
import { withBareProcess, type BareProcessOptions } from "../modelHost/bareProcess.js";
import { rerun, type RerunServices } from "../runs/rerun.js";
import type { StoredRuns } from "../runs/storedRuns.js";
import { typedPicture } from "../runs/typedPicture.js";
import type { ModelHost } from "../services.js";
import { showsAsItIs } from "./browserPicture.js";
import { placesOfPicture } from "./placesOfPicture.js";
import type { RunFile } from "./readRunFile.js";
import { RunEditorProvider } from "./runEditorProvider.js";
import { sourceOfFile, type RunSource } from "./sourceOfFile.js";
import { withLocalFile } from "./withLocalFile.js";

/** What editors of run files are made of. */
export interface RunEditorParts extends RerunServices {
  readonly extensionUri: vscode.Uri;
  readonly model: ModelHost;
  readonly runs: StoredRuns;
  readonly explain: Pick<Explainer, "alternativeIn">;
  readonly exporterOf: (source: RunSource) => Pick<Exporter, "exportPanel">;
  /** For pictures that browsers do not show as they are. */
  readonly process: BareProcessOptions;
}

/** Makes the provider of the editors for run files. */
export function createRunEditors(parts: RunEditorParts): RunEditorProvider {
  const { extensionUri, model, runs, explain, exporterOf, readSettings } = parts;
  const shownPicture = async ({ image, info }: RunFile): Promise<PictureBytes> => {
    if (showsAsItIs({ image, info })) return typedPicture(image);
    const picture = { name: info.image.name, bytes: image };
    return withBareProcess(parts.process, (client) => client.viewPicture(picture));
  };
  return new RunEditorProvider({
    extensionUri,
    model,
    runs,
    readSettings,
    log: model.log,
    modelStatus: () => model.status,
    shownPicture,
    alternative: (document, index, tokenId, signal) =>
      withLocalFile(document, (run) => explain.alternativeIn(run, index, tokenId, signal)),
    exporter: (document) => (params) => exporterOf(sourceOfFile(document, shownPicture)).exportPanel(params),
    rerun: async (document, changes) => {
      const file = await document.read();
      const places = placesOfPicture(document.uri, file.info, runs.entries);
      await rerun({ ...file, places }, changes, parts);
    },
  });
}
