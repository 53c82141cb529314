import { answerText } from "../../core/run/answerText.js";
import { ownLayers } from "../../core/run/ownLayers.js";
import type { RunInfo } from "../../core/run/types.js";
import { wrapText } from "../../core/figure/fitText.js";
import { INK, textPath } from "./svg.js";
import { typeface } from "./typeface.js";

/** A drawn block and its height. */
export interface Block {
  readonly svg: string;
  readonly height: number;
}

/** The prompt, the answer and one line about model and settings, from `y` down. */
export function drawHeader(info: RunInfo, x: number, y: number, width: number): Block {
  const lines: string[] = [];
  let bottom = y;
  const add = (
    text: string,
    face: "regular" | "bold",
    size: number,
    fill: string,
    maxLines: number,
  ): void => {
    for (const line of wrapText(typeface(face).measure, text, size, width, maxLines)) {
      bottom += Math.round(size * 1.4);
      lines.push(textPath(line, x, bottom - Math.round(size * 0.35), { face, size, fill }));
    }
  };
  add(info.prompt.text.trim() || "(empty prompt)", "bold", 17, INK.text, 2);
  add(answerText(info) || "(no words)", "regular", 15, INK.text, 3);
  bottom += 2;
  add(factsLine(info), "regular", 11, INK.muted, 2);
  return { svg: lines.join(""), height: bottom - y };
}

/** Model, device and settings in one line. */
export function factsLine(info: RunInfo): string {
  const { model, settings } = info;
  const [from, to] = settings.layers;
  const own = ownLayers(model, settings.layers);
  const textSet = typeof settings.textSet === "string" ? settings.textSet : "chosen positions";
  const facts = [
    model.name,
    model.dtype,
    model.device,
    `preset ${settings.preset}`,
    `layers L${from}–L${to - 1} of ${model.layers}${own === null ? "" : ` with attention (the model's ${own})`}`,
    `text set ${textSet}`,
    info.image.name,
  ];
  if (settings.overrides.length > 0) facts.push(`${settings.overrides.length} heads forced`);
  if (info.partial) facts.push("interrupted: part of an answer");
  return facts.join("  ·  ");
}
