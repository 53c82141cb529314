import * as l10n from "@vscode/l10n";
import type { FromGrid, ToGrid } from "../../src/protocol/grid.js";
import { element } from "../components/element.js";
import { drawFailure } from "../panel/states/failure.js";
import type { DrawingPreferences } from "../panel/viewState.js";
import { drawCard, type Card } from "./drawCard.js";
import { drawGridHeader, type GridHeader } from "./drawGridHeader.js";
import { nextGrid, type GridModel } from "./gridModel.js";

/** What the page runs in. */
export interface GridHost {
  send(message: FromGrid): void;
  listen(listener: (message: ToGrid) => void): void;
  /** Kept across reloads: the extension knows the panel by it. */
  keep(key: string): void;
}

/** The results of a prompt file's pictures: follows what the extension says, and shows it. */
export class GridApp {
  private model: GridModel | null = null;
  private preferences: DrawingPreferences | null = null;
  private header: GridHeader | null = null;
  private cards: Card[] = [];
  private readonly banner = element("div.banner");
  private readonly list = element("ul.cards");
  private drawnFailure: GridModel["failure"] = null;
  private asked = false;

  constructor(
    private readonly host: GridHost,
    private readonly root: HTMLElement,
  ) {
    host.listen((message) => this.receive(message));
    host.send({ kind: "ready" });
  }

  private receive(message: ToGrid): void {
    if (message.kind === "init") {
      if (message.strings) l10n.config({ contents: { ...message.strings } });
      this.preferences = message.preferences;
      this.host.keep(message.key);
      return;
    }
    this.model = nextGrid(this.model, message);
    if (message.kind === "snapshot") this.drawFrame(message.cards.length);
    this.ask();
  }

  /** Draws what stays: header and one card for each picture. */
  private drawFrame(count: number): void {
    const { host } = this;
    if (this.header === null) {
      this.header = drawGridHeader({
        runAll: () => host.send({ kind: "runAll" }),
        stop: () => host.send({ kind: "stop" }),
        revealSource: () => host.send({ kind: "revealSource" }),
      });
      this.root.replaceChildren(element("main.report", {}, this.header.root, this.banner, this.list));
    }
    this.cards = Array.from({ length: count }, (_, index) =>
      drawCard({
        open: () => host.send({ kind: "open", index }),
        again: () => host.send({ kind: "runAgain", index }),
        act: (action) => host.send({ kind: "action", action }),
      }),
    );
    this.list.replaceChildren(...this.cards.map(({ root }) => element("li", {}, root)));
  }

  /** Shows the present model in the next frame: many tokens may arrive in one. */
  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  private draw(): void {
    const { model, preferences } = this;
    if (model === null) return;
    this.header?.update(model);
    model.cards.forEach((card, index) => this.cards[index]?.update(card, preferences));
    this.list.hidden = model.cards.length === 0;
    if (model.failure === this.drawnFailure) return;
    this.drawnFailure = model.failure;
    const drawn =
      model.failure && drawFailure(model.failure, (action) => this.host.send({ kind: "action", action }));
    this.banner.replaceChildren(...(drawn ? [drawn] : []));
  }
}
