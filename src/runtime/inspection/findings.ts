import { DexarError } from "../../core/errors.js";
import type { ModelProblem } from "../../protocol/inspection.js";

/** Collects what goes wrong instead of stopping at the first; what was found before is not told again. */
export class Findings {
  readonly problems: ModelProblem[] = [];

  /** Runs a check; a failure becomes a problem of the report and gives null. */
  attempt<T>(check: () => T): T | null {
    try {
      return check();
    } catch (error) {
      this.add(error);
      return null;
    }
  }

  /** The same of checks that tell all they find, and not only the first. Says whether there was nothing. */
  attemptAll(check: () => Iterable<DexarError>): boolean {
    const before = this.problems.length;
    const found = this.attempt(() => [...check()]);
    for (const problem of found ?? []) this.add(problem);
    return this.problems.length === before;
  }

  /** Whether a problem with one of these codes was found. */
  has(...codes: readonly string[]): boolean {
    return this.problems.some(({ code }) => codes.includes(code));
  }

  private add(error: unknown): void {
    if (!(error instanceof DexarError)) throw error;
    const { code, message, nextStep } = error;
    if (!this.problems.some((known) => known.message === message)) {
      this.problems.push({ code, message, nextStep });
    }
  }
}
