import { StoppingCriteria, type PreTrainedTokenizer } from "@huggingface/transformers";

/**
 * Watches an answer for stop strings as Python's `stop_strings` does: the token that completes one is the last, and
 * the whole of it stays. Only the answer is looked at, never the prompt.
 */
export class StopText {
  /** The stop string that was found; null before. */
  found: string | null = null;
  private readonly window: number;

  constructor(
    private readonly tokenizer: PreTrainedTokenizer | undefined | null,
    private readonly strings: readonly string[],
  ) {
    // A token may be one byte of a character.
    this.window = 8 + 4 * Math.max(0, ...strings.map((stop) => stop.length));
  }

  /** Looks at an answer whose last token is new. */
  look(answer: readonly number[]): void {
    if (this.strings.length === 0) return;
    const tail = answer.slice(-this.window);
    const text = this.textOf(tail);
    // One that ended before the last token was found with an earlier one; a half character may still change.
    const before = this.textOf(tail.slice(0, -1)).replace(/\uFFFD+$/, "").length;
    this.found ??= this.strings.find((stop) => text.includes(stop, before - stop.length + 1)) ?? null;
  }

  private textOf(ids: number[]): string {
    if (!this.tokenizer || ids.length === 0) return "";
    return this.tokenizer.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
  }

  /** For transformers.js, which asks after each token. */
  get criterion(): StoppingCriteria {
    return new Found(this);
  }
}

class Found extends StoppingCriteria {
  constructor(private readonly stop: StopText) {
    super();
  }

  override _call(inputIds: number[][]): boolean[] {
    return inputIds.map(() => this.stop.found !== null);
  }
}
