import { Speed } from "./speed.js";

/** How far a download is. */
export interface DownloadProgress {
  readonly phase: "receiving" | "checking" | "waiting";
  /** Bytes on disk. */
  readonly received: number;
  readonly total: number;
  /** The file at work. */
  readonly file: string;
  /** null: not known yet. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** Why it waits and for how long; only in that phase. */
  readonly waiting?: { readonly seconds: number; readonly reason: string };
}

const TELL_EVERY_MS = 100;

/** Counts what comes, and tells at most ten times a second. */
export class ProgressTeller {
  private readonly speed: Speed;
  private file = "";
  private told = -Infinity;

  /**
   * @param received bytes that lay there before
   * @param now milliseconds of a clock that never goes back
   */
  constructor(
    private received: number,
    private readonly total: number,
    private readonly tell: (progress: DownloadProgress) => void,
    private readonly now: () => number,
  ) {
    this.speed = new Speed(now);
    this.speed.mark(received);
  }

  begin(file: string): void {
    this.file = file;
    this.say("receiving");
  }

  got(bytes: number): void {
    this.received += bytes;
    this.speed.mark(this.received);
    if (this.now() - this.told >= TELL_EVERY_MS) this.say("receiving");
  }

  /** Bytes that have to be received again. */
  lost(bytes: number): void {
    this.received -= bytes;
    this.speed.reset();
  }

  checking(): void {
    this.say("checking");
  }

  waiting(milliseconds: number, reason: string): void {
    this.speed.reset();
    this.say("waiting", { seconds: Math.ceil(milliseconds / 1000), reason });
  }

  private say(phase: DownloadProgress["phase"], waiting?: DownloadProgress["waiting"]): void {
    this.told = this.now();
    const { received, total, file } = this;
    const bytesPerSecond = this.speed.bytesPerSecond();
    const secondsLeft = bytesPerSecond ? (total - received) / bytesPerSecond : null;
    const progress = { phase, received, total, file, bytesPerSecond, secondsLeft };
    this.tell(waiting === undefined ? progress : { ...progress, waiting });
  }
}
