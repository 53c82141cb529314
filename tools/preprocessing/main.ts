import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatPreprocessing } from "./formatPreprocessing.js";
import { openHubProcessor, readGoldens } from "./measure.js";
import type { MeasuredRow } from "./formatPreprocessing.js";

const { settings, cases, pictures, transformers, pillow } = readGoldens();
const rows: MeasuredRow[] = [];
for (const one of settings) {
  const processor = await openHubProcessor(one);
  for (const golden of cases.filter((candidate) => candidate.settings === one.name)) {
    const file = pictures[golden.picture] ?? "";
    const pil = await processor.measure(golden, file, "pil");
    const plain = await processor.measure(golden, file, "transformers.js").catch(() => null);
    rows.push({ ...golden, pil, plain });
    process.stderr.write(`${one.name}, ${golden.picture} ${golden.direction}: ${pil.mean.toFixed(3)}\n`);
  }
  processor.close();
}
const text = formatPreprocessing(rows, { transformers, pillow });
writeFileSync(join(import.meta.dirname, "../../docs/preprocessing.md"), text);
