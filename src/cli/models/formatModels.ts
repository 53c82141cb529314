import type { ModelInspection, ModelVerification } from "../../runtime/engineTypes.js";
import { formatMemory } from "./formatMemory.js";

/** The text of `dexar models inspect`. */
export function formatInspection(model: ModelInspection): string {
  const heads = model.heads === null ? null : `${model.heads} (${model.kvHeads ?? "?"} key/value) of ${model.headSize ?? "?"}`;
  const facts: readonly (readonly [string, string | number | null])[] = [
    ["folder", model.dir],
    ["family", model.family],
    ["dtypes", model.dtypes.join(", ") || null],
    ["graph", model.graphStyle],
    ["layers", model.layers],
    ["heads", heads],
    ["vocabulary", model.vocabulary],
    ["image", model.geometry],
  ];
  const lines = facts.map(([name, value]) => `${name.padEnd(12)}${value ?? "unknown"}`);
  const files = model.files.map(({ name, present, bytes }) => `  ${present ? sizeText(bytes) : "missing".padStart(10)}  ${name}`);
  const problems = model.problems.map(({ code, message, nextStep }) => `  ${code}: ${message}\n    try: ${nextStep}`);
  const verdict = problems.length === 0 ? ["No problems found."] : [`Problems (${problems.length}):`, ...problems];
  return [...lines, "files", ...files, ...formatMemory(model.memory), ...verdict, ""].join("\n");
}

/** The text of `dexar models verify`. */
export function formatVerification({ dir, checks }: ModelVerification): string {
  const lines = checks.map(({ name, passed, detail }) => `  ${passed ? "passed" : "FAILED"}  ${name}: ${detail}`);
  const failed = checks.filter((check) => !check.passed).length;
  const verdict = failed === 0 ? `All ${checks.length} checks passed.` : `${failed} of ${checks.length} checks failed.`;
  return [dir, ...lines, verdict, ""].join("\n");
}

/** A size, as wide as its column. */
export function sizeText(bytes: number): string {
  const text = bytes < 100_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return text.padStart(10);
}
