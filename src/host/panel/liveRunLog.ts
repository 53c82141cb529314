import type { ExplainedEvent, PreparedEvent, TokenEvent } from "../../protocol/modelProcess.js";
import type { LiveRun, PictureBytes } from "../../protocol/panel.js";

/** Gathers a run while it is made, so that a page that comes late gets all of it. */
export class LiveRunLog {
  private readonly tokens: TokenEvent[] = [];
  private readonly explained: ExplainedEvent[] = [];

  constructor(
    private readonly prepared: PreparedEvent,
    private readonly picture: PictureBytes,
  ) {}

  get isEmpty(): boolean {
    return this.tokens.length === 0;
  }

  add(event: TokenEvent | ExplainedEvent): void {
    if (event.kind === "token") this.tokens.push(event);
    else this.explained.push(event);
  }

  /** All so far. */
  run(): LiveRun {
    const { info, imagePositions } = this.prepared;
    return {
      info,
      imagePositions,
      picture: this.picture,
      tokens: [...this.tokens],
      explained: [...this.explained],
    };
  }
}
