/** When things happened after an event, in milliseconds of the page's clock since the event was made. */
export interface Sample {
  /** Our own work until the overlay's last drawing command: listeners, then the frame's callbacks up to it. */
  readonly work: number;
  /** The overlay's last drawing command; what this is more than `work` was waiting (for the event, for the frame). */
  readonly overlay: number;
  /** That frame is done on the page's thread: all callbacks, style, layout, paint. */
  readonly frame: number;
  /** The last change of the document that followed (charts, tables); 0 when there was none after the frame. */
  readonly settled: number;
}

/** Measures one action at a time. */
export interface Probe {
  /** Starts: the clock runs from the next event of this type, or from now for null. */
  arm(type: string | null): void;
  /** What was measured; null when the overlay was not drawn within a second. */
  sample(): Promise<Sample | null>;
  /** The time of the first drawing of the overlay that shows something. */
  firstMap(): Promise<number>;
}

declare global {
  interface Window {
    probe: Probe;
  }
}

const GIVE_UP = 1000;
/** Milliseconds without a change after which the page counts as settled. */
const QUIET = 60;
const TYPES = ["mouseover", "pointerover", "pointermove", "pointerup", "click", "change", "keydown"] as const;

let armed: string | null = null;
let start: number | null = null;
let listeners = 0;
let frameStart = 0;
let callbackStart = 0;
let work = 0;
let overlay: number | null = null;
let frame: number | null = null;
let changed = 0;
let first: number | null = null;

function arm(type: string | null): void {
  armed = type;
  start = type === null ? performance.now() : null;
  [listeners, work, changed] = [0, 0, 0];
  overlay = frame = null;
}

/** The first listener of all and the last of all: what lies between is the page's own. Events may lie in one another. */
function watchEvents(): void {
  const begun = new WeakMap<Event, number>();
  let counted = 0;
  const begin = (event: Event): void => {
    begun.set(event, performance.now());
    if (event.type !== armed || start !== null) return;
    start = event.timeStamp;
    listeners = 0;
  };
  const end = (event: Event): void => {
    const now = performance.now();
    listeners += now - Math.max(counted, begun.get(event) ?? now);
    counted = now;
  };
  for (const type of TYPES) {
    window.addEventListener(type, begin, { capture: true });
    window.addEventListener(type, end);
  }
}

function watchFrames(): void {
  const native = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    native((time) => {
      // Callbacks of one frame share their time stamp.
      if (overlay === null && frameStart !== time) [frameStart, work] = [time, 0];
      callbackStart = performance.now();
      if (overlay !== null && frameStart !== time) frame ??= callbackStart;
      callback(time);
      if (overlay === null) work += performance.now() - callbackStart;
    });
}

function watchOverlay(): void {
  const { prototype } = CanvasRenderingContext2D;
  const native = Reflect.get(prototype, "drawImage") as (...parts: unknown[]) => void;
  prototype.drawImage = function (...parts: unknown[]): void {
    native.apply(this, parts);
    if (this.canvas.classList.contains("map")) overlayDrawn(performance.now());
  };
}

function overlayDrawn(now: number): void {
  first ??= now;
  if (start === null || overlay !== null) return;
  overlay = now;
  work += listeners + now - callbackStart;
  // A message is delivered after the frame that is being made, or else the next frame begins after it.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (frame ??= performance.now());
  port2.postMessage(null);
}

function watchDocument(): void {
  const observer = new MutationObserver(() => (changed = performance.now()));
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}

async function sample(): Promise<Sample | null> {
  const began = performance.now();
  while (frame === null || performance.now() - Math.max(frame, changed) < QUIET) {
    if (frame === null && performance.now() - began > GIVE_UP) return null;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (start === null || overlay === null) return null;
  return { work, overlay: overlay - start, frame: frame - start, settled: Math.max(0, changed - start) };
}

async function firstMap(): Promise<number> {
  while (first === null) await new Promise((resolve) => setTimeout(resolve, 5));
  return first;
}

watchEvents();
watchFrames();
watchOverlay();
watchDocument();
window.probe = { arm, sample, firstMap };
