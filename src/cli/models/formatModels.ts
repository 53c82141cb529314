import type { ModelVerification } from "../../runtime/engineTypes.js";

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
