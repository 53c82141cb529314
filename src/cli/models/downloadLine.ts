import { bytesText } from "../../core/memory/bytesText.js";
import type { DownloadProgress } from "../../hub/progress.js";
import type { OutputStream } from "../io.js";
import { percent } from "./formatModelList.js";

const PLAIN_MS = 10_000;

/** Tells how far a download is: one line rewritten in place on a terminal, otherwise a line every ten seconds. */
export class DownloadLine {
  private last: DownloadProgress | null = null;
  private told = performance.now();
  private visible = false;

  constructor(
    private readonly stream: OutputStream,
    private readonly rewrites: boolean,
  ) {}

  /** What was told last; null: nothing yet. */
  get progress(): DownloadProgress | null {
    return this.last;
  }

  show(progress: DownloadProgress): void {
    this.last = progress;
    const text = progressText(progress);
    if (this.rewrites) {
      this.clear();
      this.stream.write(text.slice(0, this.stream.columns - 1));
      this.visible = true;
    } else if (performance.now() - this.told >= PLAIN_MS) {
      this.told = performance.now();
      this.stream.write(`${text}\n`);
    }
  }

  /** Clears the line of a terminal, before other text is printed. */
  clear(): void {
    if (this.visible) this.stream.write("\r\x1b[2K");
    this.visible = false;
  }
}

/** Progress in words: `43 %  150 MB of 350 MB  12 MB/s  17 s left  onnx/…`. */
export function progressText(progress: DownloadProgress): string {
  const { phase, received, total, file, bytesPerSecond, secondsLeft, waiting } = progress;
  const facts = [percent(received, total), `${bytesText(received)} of ${bytesText(total)}`];
  if (waiting !== undefined) return [...facts, `waiting ${waiting.seconds} s: ${waiting.reason}`].join("  ");
  if (phase === "checking") return [...facts, `checking ${file}`].join("  ");
  if (bytesPerSecond !== null) facts.push(`${(bytesPerSecond / 1e6).toFixed(1)} MB/s`);
  if (secondsLeft !== null) facts.push(`${timeText(secondsLeft)} left`);
  return [...facts, file].join("  ");
}

function timeText(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
