/**
 * Measures the panel in Chromium on a made-up run of 64 tokens, 30 layers, 9 heads and 1,000 image tokens:
 *
 *     npm run bench:panel -- [--rounds 2] [--seed 1] [--capped] [--json FILE] [--screenshot FILE] [--chromium PATH]
 */
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { createRandom } from "../scenes/random.js";
import { launchChromium } from "./browser.js";
import { measureActions, type SamplesByAction } from "./measureActions.js";
import { openRun, type Opened } from "./openRun.js";
import { formatReport, reportJson, type Report } from "./report.js";
import { servePage } from "./servePage.js";
import { BAR_SHAPE, syntheticRun } from "./syntheticRun.js";

const options = new Command()
  .option("--rounds <n>", "how often the page is opened", "2")
  .option("--seed <n>", "of the made-up run and the order of the actions", "1")
  .option("--capped", "frames at the screen's rate, as a person has them")
  .option("--json <file>", "also write the figures here")
  .option("--screenshot <file>", "also write the page as a picture here")
  .option("--chromium <path>", "the browser", process.env["DEXAR_CHROMIUM"] ?? "/usr/bin/chromium")
  .parse()
  .opts<{
    rounds: string;
    seed: string;
    capped?: true;
    json?: string;
    screenshot?: string;
    chromium: string;
  }>();

const capped = options.capped === true;
const random = createRandom(Number(options.seed));
const samples: SamplesByAction = new Map();
const opened: Opened[] = [];
const files = await syntheticRun(BAR_SHAPE, Number(options.seed));
const server = await servePage(files);
const browser = await launchChromium(options.chromium, capped);
const version = `Chromium ${browser.version()}`;
for (let round = 0; round < Number(options.rounds); round++) {
  const run = await openRun(browser, server.address);
  opened.push(run.opened);
  await measureActions(run.page, random, samples);
  if (options.screenshot) await run.page.screenshot({ path: options.screenshot });
  await run.page.context().close();
}
await browser.close();
server.close();

const sizes = { shape: BAR_SHAPE, file: files.file.length, script: server.scriptSize };
const report: Report = { browser: version, capped, ...sizes, opened, samples };
process.stdout.write(formatReport(report));
if (options.json) writeFileSync(options.json, `${JSON.stringify(reportJson(report), null, 1)}\n`);
