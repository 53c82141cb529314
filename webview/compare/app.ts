import * as l10n from "@vscode/l10n";
import { alignTokens } from "../../src/core/compare/alignTokens.js";
import type { TokenChoice } from "../../src/core/compare/side.js";
import { COLOUR_MAP_NAMES } from "../../src/core/heatmap/colourMap.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import type { Both, CompareSource, ToCompare } from "../../src/protocol/compare.js";
import { element } from "../components/element.js";
import { progressRing } from "../components/progressRing.js";
import { finishedReportData } from "../panel/finishedReportData.js";
import { keeper } from "../panel/keeper.js";
import { pictureAddress } from "../panel/pictureAddress.js";
import { describeFailure, drawFailure } from "../panel/states/failure.js";
import type { CompareHost } from "./compareHost.js";
import { createCompareStore, type CompareState, type CompareStore } from "./compareStore.js";
import { drawComparison } from "./comparisonView.js";
import { exportComparison } from "./exportComparison.js";
import { keepView, readKeptView } from "./keptView.js";

type Runs = Extract<ToCompare, { kind: "runs" }>;

/** What is shown: two runs, and where each comes from when that is known. */
interface Shown {
  readonly data: Both<ReportData>;
  readonly names: Both<string>;
  readonly sources: Both<CompareSource> | null;
}

/** The page of a comparison: reads the runs that the extension sends, or those that the page carries. */
export class CompareApp {
  private readonly notice = element("div.notice", { attributes: { role: "status" } });
  private readonly body = element("div.comparison");
  private readonly keeper = keeper(() => this.save());
  private shown: Shown | null = null;
  private store: CompareStore | null = null;
  private preferences: Partial<CompareState> = {};

  constructor(
    private readonly host: CompareHost,
    root: HTMLElement,
  ) {
    root.replaceChildren(element("main.report", {}, this.notice, this.body));
    const { recorded } = host;
    if (recorded !== null) {
      const data = [recorded.a, recorded.b ?? recorded.a] as const;
      this.attempt(this.show({ data, names: recorded.names, sources: null }, { choice: recorded.choice }));
      return;
    }
    this.body.replaceChildren(element("div.placeholder", {}, progressRing(l10n.t("Reading the runs"))));
    host.listen((message) => this.receive(message));
    host.send({ kind: "ready" });
  }

  private receive(message: ToCompare): void {
    switch (message.kind) {
      case "init":
        if (message.strings) l10n.config({ contents: { ...message.strings } });
        this.preferences = preferredStyle(message.preferences);
        return;
      case "runs":
        return this.attempt(this.read(message));
      case "failure":
        return this.fail(message.error);
      case "saved":
        this.notice.textContent = message.name === null ? "" : l10n.t("Saved: {0}", message.name);
    }
  }

  private async read({ a, b, sources, choice }: Runs): Promise<void> {
    const dataA = await finishedReportData(a.file, pictureAddress(a.picture));
    const dataB = b === null ? dataA : await finishedReportData(b.file, pictureAddress(b.picture));
    const kept = this.host.loadState();
    const data = [dataA, dataB] as const;
    const before =
      kept && JSON.stringify(kept.sources) === JSON.stringify(sources) ? readKeptView(kept.page, data) : {};
    const start = choicesFit(choice, data) ? { choice: withCounterpart(choice, data) } : {};
    await this.show({ data, names: [a.name, (b ?? a).name], sources }, { ...start, ...before });
  }

  private async show(shown: Shown, start: Partial<CompareState>): Promise<void> {
    const pictures = [await decoded(shown.data[0]), await decoded(shown.data[1])] as const;
    const [a, b] = pictures.map((picture) => picture ?? blankPicture());
    if (!a || !b) throw new Error("a picture is missing");
    const unseen = shown.names[pictures.indexOf(null)];
    this.notice.textContent =
      unseen === undefined
        ? ""
        : l10n.t("The picture of {0} cannot be shown in this page; its maps are.", unseen);
    const store = createCompareStore(shown.data, shown.names, { ...this.preferences, ...start });
    this.shown = shown;
    this.store = store;
    store.listen(() => this.keeper.changed());
    this.body.replaceChildren(
      ...drawComparison(store, [a, b], {
        swap: () => this.swap(),
        exportPng: () => this.attempt(this.export(store, [a, b])),
        openRun: shown.sources && ((side) => this.open(side)),
      }),
    );
    this.keeper.changed();
  }

  /** A and B change places, with everything that was chosen of them. */
  private swap(): void {
    const { shown, store } = this;
    if (!shown || !store) return;
    const turned = <T>([first, second]: Both<T>): Both<T> => [second, first];
    const { state } = store;
    const sources = shown.sources && turned(shown.sources);
    if (sources) this.host.send({ kind: "swapped", sources });
    const next = { data: turned(shown.data), names: turned(shown.names), sources };
    this.attempt(
      this.show(next, {
        ...state,
        choice: turned(state.choice),
        settings: turned(state.settings),
        head: null,
        cell: null,
      }).then(() => this.body.querySelector<HTMLElement>(".swap")?.focus()),
    );
  }

  private open(side: 0 | 1): void {
    const source = this.shown?.sources?.[side];
    if (source) this.host.send({ kind: "openRun", source });
  }

  private async export(store: CompareStore, pictures: Both<CanvasImageSource>): Promise<void> {
    const png = await exportComparison(store, pictures);
    if (this.host.recorded === null) {
      const content = new Uint8Array(await png.arrayBuffer());
      this.host.send({ kind: "savePng", content, suffix: "compare" });
      return;
    }
    const address = URL.createObjectURL(png);
    element("a", { attributes: { href: address, download: "comparison.png" } }).click();
    window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
    this.notice.textContent = l10n.t("Saved: {0}", "comparison.png");
  }

  private attempt(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.fail(describeFailure(error)));
  }

  private fail(error: ReturnType<typeof describeFailure>): void {
    const drawn = drawFailure({ error, actions: [] }, () => undefined);
    if (this.store === null) this.body.replaceChildren(drawn);
    else this.notice.replaceChildren(drawn);
  }

  private save(): void {
    const sources = this.shown?.sources;
    if (sources && this.store) this.host.saveState({ version: 1, sources, page: keepView(this.store) });
  }
}

function preferredStyle({
  colourMap,
  opacity,
  smooth,
}: Extract<ToCompare, { kind: "init" }>["preferences"]): Partial<CompareState> {
  const known = COLOUR_MAP_NAMES.find((name) => name === colourMap);
  return known === undefined ? {} : { style: { colourMap: known, opacity, smooth } };
}

/** The picture of a run; null for one that browsers do not show, which a run file may hold. */
async function decoded({ picture }: ReportData): Promise<HTMLImageElement | null> {
  const image = new Image();
  image.src = picture;
  return image.decode().then(
    () => image,
    () => null,
  );
}

function blankPicture(): OffscreenCanvas {
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d");
  if (context) {
    context.fillStyle = "#808080";
    context.fillRect(0, 0, 1, 1);
  }
  return canvas;
}

/** A token of one run that is to be compared with another run goes with what stands for it there. */
function withCounterpart([own, other]: Both<TokenChoice>, [a, b]: Both<ReportData>): Both<TokenChoice> {
  const [token] = own ?? [];
  if (a === b || token === undefined || other !== null) return [own, other];
  const pair = alignTokens(a.info.tokens, b.info.tokens).find((each) => each.a.includes(token));
  return pair ? [pair.a, pair.b] : [own, other];
}

function choicesFit(choice: Both<TokenChoice>, data: Both<ReportData>): boolean {
  return choice.every(
    (tokens, side) => tokens?.every((token) => token < (data[side]?.info.tokens.length ?? 0)) ?? true,
  );
}
