import { readRun } from "../../src/core/run/readRun.js";
import type {
  Both,
  ComparedFile,
  CompareSource,
  CompareViewState,
  FromCompare,
  ToCompare,
} from "../../src/protocol/compare.js";

/** States that a comparison's dev page can start in: two runs, one run on both sides, a run that cannot be read. */
export type CompareScene = "finished" | "same" | "failed";

/** What stands in for the extension on a plain page: `window.fakeCompare`. */
export interface FakeCompare {
  /** All that the page has said. */
  readonly sent: readonly FromCompare[];
  post(message: ToCompare): void;
}

const STATE_KEY = "dexar-compare-state";
const SOURCES: Both<CompareSource> = [
  { kind: "run", id: "one" },
  { kind: "file", uri: "file:///runs/other.dexar" },
];

/** Puts a fake editor into the page, before the comparison's own script runs. */
function install(): void {
  const scene = (document.body.dataset["scene"] ?? "finished") as CompareScene;
  // Read now: the page puts its own content in their place.
  const files = [fileIn("recording"), fileIn("other")] as const;
  const sent: FromCompare[] = [];
  const post = (message: ToCompare): void => window.postMessage(message, window.origin);
  Object.assign(window, {
    fakeCompare: { sent, post } satisfies FakeCompare,
    acquireVsCodeApi: () => ({
      postMessage: (message: FromCompare) => {
        sent.push(message);
        void obey(message, post, () => firstMessage(scene, files));
      },
      getState: (): unknown => JSON.parse(sessionStorage.getItem(STATE_KEY) ?? "null"),
      setState: (state: CompareViewState) => sessionStorage.setItem(STATE_KEY, JSON.stringify(state)),
    }),
  });
}

async function obey(
  message: FromCompare,
  post: FakeCompare["post"],
  first: () => Promise<ToCompare>,
): Promise<void> {
  switch (message.kind) {
    case "ready":
      post({
        kind: "init",
        strings: null,
        preferences: { colourMap: "viridis", opacity: 0.75, smooth: true },
      });
      return post(await first());
    case "savePng":
      return post({ kind: "saved", name: `${message.suffix}.png` });
    case "openRun":
    case "swapped":
      return;
  }
}

async function firstMessage(scene: CompareScene, files: Both<Uint8Array>): Promise<ToCompare> {
  if (scene === "failed")
    return {
      kind: "failure",
      error: {
        code: "run-missing",
        message: "This run is not kept any more.",
        nextStep: "Choose another run in the Runs view.",
      },
    };
  const a = await comparedFile(files[0], "Dog and frog");
  const b = scene === "same" ? null : await comparedFile(files[1], "other.dexar");
  return { kind: "runs", sources: SOURCES, a, b, choice: [null, null] };
}

async function comparedFile(file: Uint8Array, name: string): Promise<ComparedFile> {
  const { run } = await readRun(file);
  return { name, file, picture: { type: "image/png", bytes: run.image } };
}

function fileIn(id: string): Uint8Array {
  const base64 = document.getElementById(id)?.textContent ?? "";
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

install();
