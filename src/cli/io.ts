/** A text stream of the terminal. */
export interface OutputStream {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width in characters; 120 when it is not a terminal. */
  readonly columns: number;
}

/** What the command line needs of the outside world. */
export interface CliIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `listener` at every Ctrl-C until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the program at once. */
  exitNow(code: number): void;
}

/** Whether to colour what goes to `stream`: a real terminal and no NO_COLOR (https://no-color.org). */
export function wantsColour(stream: OutputStream, env: CliIo["env"]): boolean {
  return stream.isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}
