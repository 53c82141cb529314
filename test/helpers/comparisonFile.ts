import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { attribute } from "../../src/core/attribution/attribute.js";
import { attributionInput } from "../../src/core/attribution/attributionInput.js";
import { renderHtmlComparison, type ComparedReport } from "../../src/cli/report/comparisonHtml.js";
import { buildReportAssets } from "./reportAssets.js";
import { sampleRun, type SampleOptions } from "./sampleRun.js";

/** A page, in a folder of its own, that compares token 6 of one made-up run with token 1 of another. */
export async function htmlComparisonOf(
  a: SampleOptions,
  b: SampleOptions,
): Promise<{ address: string; remove: () => Promise<void> }> {
  const html = await renderHtmlComparison(
    { a: await report(a), b: await report(b) },
    { names: ["a.dexar", "b.dexar"], choice: [[6], [1]] },
    await buildReportAssets("compare"),
  );
  const folder = await mkdtemp(path.join(tmpdir(), "dexar-comparison-"));
  const file = path.join(folder, "comparison.html");
  await writeFile(file, html);
  return { address: pathToFileURL(file).href, remove: () => rm(folder, { recursive: true }) };
}

async function report(options: SampleOptions): Promise<ComparedReport> {
  const run = await sampleRun(options);
  return { run, attribution: attribute(attributionInput(run), run.info.settings) };
}
