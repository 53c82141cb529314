import { DexarError } from "../../src/core/errors.js";
import { unpackArrays } from "../../src/core/run/packArrays.js";
import type { ReportData } from "../../src/core/run/reportData.js";
import { element } from "../../webview/components/element.js";
import { drawAnswerPanel } from "../../webview/panel/answerPanel.js";
import { DEFAULT_PREFERENCES, exportPicture } from "../../webview/panel/exportPicture.js";
import { drawPicturePanel } from "../../webview/panel/picturePanel.js";
import { createStore, type Store } from "../../webview/panel/store.js";

/** What a test sees of the page. */
export interface PictureWindow extends Window {
  readonly store: Store;
  /** Tokens that were asked about: the step and the token's id. */
  readonly asked: (readonly [index: number, tokenId: number])[];
  /** Answers the question that waits: with the gradients of this token of the run, or with a failure. */
  answerWith: (token: number | "failure") => void;
  /** Size and some pixels (RGBA) of the exported picture. */
  exported: (points: readonly (readonly [x: number, y: number])[]) => Promise<{
    readonly width: number;
    readonly height: number;
    readonly pixels: readonly (readonly number[])[];
  }>;
}

// The picture and the answer alone, on the run inside the page.
const data = unpackArrays(document.getElementById("run")?.textContent ?? "") as ReportData;
const picture = new Image();
picture.src = data.picture;
const store = createStore(data);
const asked: [number, number][] = [];
const waiting: ((reply: number | "failure") => void)[] = [];

function gradientOf(token: number): Float32Array {
  const { gradient } = data.arrays;
  const size = (gradient?.length ?? 0) / data.info.tokens.length;
  return gradient?.slice(token * size, (token + 1) * size) ?? new Float32Array();
}

async function ask(index: number, tokenId: number) {
  asked.push([index, tokenId]);
  const reply = await new Promise<number | "failure">((resolve) => waiting.push(resolve));
  if (reply === "failure")
    throw new DexarError("wrong-model", "Another model is loaded.", "Load the run's own model.");
  const gradient = gradientOf(reply);
  const { positions } = { positions: gradient.length / data.info.model.layers };
  return {
    ...{ tokenId, text: " dog", logprob: -3.2, gradient },
    gradientReferenceLast: gradient.slice(gradient.length - positions),
  };
}

async function exported(points: readonly (readonly [number, number])[]) {
  const image = await createImageBitmap(await exportPicture(store, picture.src, DEFAULT_PREFERENCES));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context?.drawImage(image, 0, 0);
  const data = context?.getImageData(0, 0, image.width, image.height).data ?? new Uint8ClampedArray();
  const pixels = points.map(([x, y]) => Array.from(data.slice(4 * (y * image.width + x)).slice(0, 4)));
  return { width: image.width, height: image.height, pixels };
}

void picture.decode().then(() => {
  document.body.append(
    element("main.report", {}, drawPicturePanel(store, picture), drawAnswerPanel(store, ask)),
  );
  const answerWith = (token: number | "failure"): void => waiting.shift()?.(token);
  Object.assign(window, { store, asked, answerWith, exported });
  document.body.dataset["ready"] = "true";
});
