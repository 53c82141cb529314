import * as l10n from "@vscode/l10n";
import { contrastGradient } from "../../src/core/attribution/contrastGradient.js";
import { tokenGradient } from "../../src/core/run/tokenGradient.js";
import type { Alternative } from "../../src/core/run/types.js";
import type { AlternativeGradient } from "../../src/protocol/modelProcess.js";
import { describeFailure } from "./states/failure.js";
import type { Store, WhatIf } from "./store.js";

/** Asks the model for the gradients of another token at the step before token `index`; rejects with DexarError. */
export type AskAlternative = (index: number, tokenId: number) => Promise<AlternativeGradient>;

/** A question that is at work or failed. */
export type WhatIfWork = {
  readonly token: number;
  readonly tokenId: number;
  readonly kind: WhatIf["kind"];
} & ({ readonly state: "busy" } | { readonly state: "failed"; readonly message: string });

/** Explains other tokens in the place of the answer's own, and puts them into the store. */
export class WhatIfQuestions {
  /** The last question while it is at work or when it failed. */
  work: WhatIfWork | null = null;
  private readonly replies = new Map<string, AlternativeGradient>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly store: Store,
    private readonly ask: AskAlternative | null,
  ) {}

  /** Why nothing can be asked, in words; null when it can. */
  get refusal(): string | null {
    if (this.ask === null)
      return l10n.t("Explaining other tokens needs the model: open the run in the editor.");
    if (this.store.data.arrays.gradient === null)
      return l10n.t("Other tokens can be explained when the answer is complete and has its gradient.");
    return null;
  }

  /** Explains another token instead of the answer's, or the answer's against it. The last question wins. */
  async put(token: number, other: Alternative, kind: WhatIf["kind"]): Promise<void> {
    if (this.ask === null || this.refusal !== null) return;
    const question = { token, tokenId: other.id, kind };
    const mine: WhatIfWork = { ...question, state: "busy" };
    this.say(mine);
    try {
      const key = `${token} ${other.id}`;
      const reply = this.replies.get(key) ?? (await this.ask(token, other.id));
      this.replies.set(key, reply);
      if (this.work !== mine) return;
      this.say(null);
      this.show({ token, kind, tokenId: other.id, text: other.text, logprob: other.logprob }, reply);
    } catch (error) {
      const { message, nextStep } = describeFailure(error);
      if (this.work === mine) this.say({ ...question, state: "failed", message: `${message} ${nextStep}` });
    }
  }

  /** Brings the answer's own tokens back. */
  clear(): void {
    this.say(null);
    this.store.set({ whatIf: null });
  }

  /** Calls the listener when `work` changes. */
  listen(listener: () => void): void {
    this.listeners.add(listener);
  }

  private say(work: WhatIfWork | null): void {
    this.work = work;
    for (const listener of this.listeners) listener();
  }

  private show(asked: Omit<WhatIf, "row">, reply: AlternativeGradient): void {
    const own = tokenGradient(this.store.data, asked.token);
    if (own === null) return;
    const row = asked.kind === "instead" ? reply : contrastGradient(own, reply);
    this.store.set({ whatIf: { ...asked, row }, selected: asked.token, previewed: undefined });
  }
}
