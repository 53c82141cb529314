/** Every failure a user can meet: a stable code, what is wrong in words, and what to do next. */
export class DexarError extends Error {
  /**
   * @param code stable, kebab-case, for tests and machines (for example `image-not-readable`)
   * @param message what is wrong, naming the file, node, option or value
   * @param nextStep one sentence: what the user can do about it
   */
  constructor(
    readonly code: string,
    message: string,
    readonly nextStep: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = "DexarError";
  }
}
