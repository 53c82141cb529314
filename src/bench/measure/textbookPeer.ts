import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { DexarError } from "../../core/errors.js";
import { isCancelled } from "../../core/serializedError.js";
import { LogTail } from "../../modelClient/logTail.js";
import { throwIfCancelled } from "../../runtime/answer/cancellation.js";

/** How the textbook way in PyTorch (tools/textbook) is started. */
export interface TextbookPeer {
  /** A Python that has torch, by path or name; arguments go before those of a call. */
  readonly command: readonly [program: string, ...args: string[]];
  /** The project's own folder. */
  readonly cwd: string;
}

/** What the textbook way is to explain. */
export interface TextbookTask {
  /** Folder of the decoder's and the embedding's files. */
  readonly weights: string;
  /** Folder of `inputs_embeds.npy` and `image_positions.npy`. */
  readonly prompt: string;
  /** Our run file of the same prompt: its tokens are explained, and its numbers compared with. */
  readonly run: string;
  readonly tokens: number;
}

/** What it found and took. */
export interface TextbookResult {
  readonly torch: string;
  readonly threads: number;
  /** The explained tokens. */
  readonly ids: readonly number[];
  /** The likeliest token at each place. */
  readonly chosen: readonly number[];
  /** Of each token. */
  readonly seconds: readonly number[];
  /** Bytes; null: this system does not tell. */
  readonly peak_resident: number | null;
  readonly peak_private: number | null;
  /** Largest difference from the run, by array, as a share of the array's largest value. */
  readonly differences: Readonly<Record<string, number>>;
}

const MODULE = ["-m", "tools.textbook"];
const REQUIREMENTS = "tools/textbook/requirements.txt";

/** The textbook way with this Python, in the checkout at `cwd`. */
export function textbookPeer(python: string, cwd: string): TextbookPeer {
  return { command: [python, ...MODULE], cwd };
}

/**
 * Makes sure that the textbook way can be run.
 * @throws DexarError `textbook-not-ready` when Python or one of its packages is missing
 */
export async function checkTextbook(peer: TextbookPeer, signal: AbortSignal): Promise<void> {
  const [python] = peer.command;
  const { code, log } = await call(peer, ["--versions"], signal).catch((error: unknown) => {
    if (isCancelled(error)) throw error;
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw notReady(python, missing ? "there is no such program" : String(error), error);
  });
  if (code !== 0) throw notReady(python, log.at(-1) ?? `it ended with exit code ${code}`);
}

/**
 * Explains an answer the textbook way, in a process of its own.
 * @param onProgress told what it says
 * @throws DexarError `textbook-failed`, with the end of what it said
 */
export async function runTextbook(
  peer: TextbookPeer,
  { weights, prompt, run, tokens }: TextbookTask,
  onProgress: (doing: string) => void,
  signal: AbortSignal,
): Promise<TextbookResult> {
  const args = [weights, prompt, "--tokens", String(tokens), "--check", run];
  const { code, output, log } = await call(peer, args, signal, onProgress);
  // With another exit code the numbers are there too when they differ from ours.
  if (output !== "") return JSON.parse(output) as TextbookResult;
  throw new DexarError(
    "textbook-failed",
    `The textbook way in PyTorch ended with ${code === null ? "a signal" : `exit code ${code}`}:\n${log.map((line) => `  | ${line}`).join("\n")}`,
    "It takes several gigabytes of memory; leave out --textbook to measure without it.",
  );
}

interface Ended {
  /** null: it was ended by a signal. */
  readonly code: number | null;
  readonly output: string;
  /** The last lines of what it said. */
  readonly log: readonly string[];
}

const LOG_LINES = 15;

/** @throws Error when the program cannot be started; DexarError `cancelled` when the signal aborts */
async function call(
  { command: [program, ...first], cwd }: TextbookPeer,
  args: readonly string[],
  signal: AbortSignal,
  onLine: (line: string) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(program, [...first, ...args], {
    cwd,
    signal,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = new LogTail();
  createInterface({ input: child.stderr }).on("line", (line) => {
    log.append(`${line}\n`);
    onLine(line);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [code, output] = await Promise.all([ended, text(child.stdout)]).catch((error: unknown) => {
    throwIfCancelled(signal);
    throw error;
  });
  return { code, output: output.trim(), log: log.lastLines(LOG_LINES) };
}

function notReady(python: string, why: string, cause?: unknown): DexarError {
  return new DexarError(
    "textbook-not-ready",
    `The textbook way in PyTorch cannot be run with ${python}: ${why}.`,
    `In a checkout of the project, run: ${python} -m pip install -r ${REQUIREMENTS}`,
    { cause },
  );
}
