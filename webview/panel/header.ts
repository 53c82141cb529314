import { answerText } from "../../src/core/run/answerText.js";
import type { RunInfo } from "../../src/core/run/types.js";
import { element } from "../components/element.js";

/** The head of the page: the prompt, and one line about model, device and run. */
export function drawHeader(info: RunInfo): HTMLElement {
  const { model, generation, image } = info;
  const ending = {
    stop: "",
    length: "length limit reached",
    target: "forced answer",
    cancelled: "cancelled",
  };
  const facts = [
    element("strong", {}, model.name),
    ...[
      `${model.family}, ${model.layers} layers x ${model.heads} heads`,
      `${model.dtype} on ${model.device}`,
    ],
    `${image.name}, ${image.width} x ${image.height}`,
    ...[ending[generation.finish], info.partial ? "partial: the answer is not finished" : ""].filter(
      (text) => text !== "",
    ),
    info.tool,
  ].map((fact) => element("span", {}, fact));
  const header = element(
    "header",
    {},
    element("div.facts", {}, ...facts),
    element("h1.prompt-text", {}, info.prompt.text.trim() || "(empty prompt)"),
    element("p.visually-hidden", {}, `Answer: ${answerText(info)}`),
  );
  if (info.warnings.length > 0) {
    header.append(element("ul.warnings", {}, ...info.warnings.map((warning) => element("li", {}, warning))));
  }
  return header;
}
