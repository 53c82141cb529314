import type { DeviceFact } from "../../protocol/doctor.js";
import type { ModelInspection, ModelProblem } from "../../protocol/inspection.js";
import { formatMemory } from "./formatMemory.js";
import { sizeText } from "./formatModels.js";

/** The text of `dexar models inspect`. */
export function formatInspection(model: ModelInspection): string {
  const files = model.files.map(
    ({ name, present, bytes }) => `  ${present ? sizeText(bytes) : "missing".padStart(10)}  ${name}`,
  );
  return [
    ...facts(model),
    "files",
    ...files,
    ...formatMemory(model.memory),
    ...(model.devices ? ["devices", ...model.devices.map(deviceLine)] : []),
    ...verdict(model.problems),
    ...(model.advice && model.advice.length > 0 ? ["Advice:", ...model.advice.map((line) => `  ${line}`)] : []),
    "",
  ].join("\n");
}

function facts(model: ModelInspection): string[] {
  const { heads, kvHeads, headSize } = model;
  const named: readonly (readonly [string, string | number | null])[] = [
    ["folder", model.dir],
    ["family", model.family],
    ["dtypes", model.dtypes.join(", ") || null],
    ["graph", model.graphStyle],
    ["layers", model.layers],
    ["heads", heads === null ? null : `${heads} (${kvHeads ?? "?"} key/value) of ${headSize ?? "?"}`],
    ["vocabulary", model.vocabulary],
    ["image", model.geometry],
  ];
  return named.map(([name, value]) => `${name.padEnd(12)}${value ?? "unknown"}`);
}

function deviceLine({ name, missing }: DeviceFact): string {
  return `  ${name.padEnd(8)}${missing === null ? "can be tried (dexar doctor does)" : `not here: ${missing.reason}`}`;
}

/** Problems in order; what helps against several in a row is said once. */
function verdict(problems: readonly ModelProblem[]): string[] {
  if (problems.length === 0) return ["No problems found."];
  const lines = problems.flatMap(({ code, message, nextStep }, i) => [
    `  ${code}: ${message}`,
    ...(problems[i + 1]?.nextStep === nextStep ? [] : [`    try: ${nextStep}`]),
  ]);
  return [`Problems (${problems.length}):`, ...lines];
}
