import path from "node:path";
import { packExtension } from "./packExtension.js";

/** How one test of a suite inside VS Code ended; `error` is null when it passed. */
export interface SuiteResult {
  readonly title: string;
  readonly error: string | null;
}

/** The command that runs the suites, as the palette shows it. */
export const RUN_SUITES = "DEX-AR Tests: Run";

const MANIFEST = {
  name: "dexar-tests",
  publisher: "dexar",
  version: "0.0.1",
  engines: { vscode: "^1.100.0" },
  main: "main.cjs",
  contributes: { commands: [{ command: "dexarTests.run", category: "DEX-AR Tests", title: "Run" }] },
};

/** Runs inside VS Code, so it is plain JavaScript: mocha over the suites, the results into a file. */
const MAIN = `
const { renameSync, writeFileSync } = require("node:fs");
const vscode = require("vscode");
exports.activate = (context) => {
  context.subscriptions.push(vscode.commands.registerCommand("dexarTests.run", () => {
    const { mocha, suites, results } = require("./run.json");
    const Mocha = require(mocha);
    const runner = new Mocha({ ui: "bdd", timeout: 120000, reporter: class {} });
    for (const suite of suites) runner.addFile(suite);
    const ended = [];
    runner.run(() => {
      writeFileSync(results + ".part", JSON.stringify(ended));
      renameSync(results + ".part", results);
    })
      .on("pass", (test) => ended.push({ title: test.fullTitle(), error: null }))
      .on("fail", (test, error) => ended.push({ title: test.fullTitle(), error: String(error.stack ?? error) }));
  }));
};
`;

/**
 * Packs an extension that runs mocha suites inside VS Code, for editors that cannot be started with a test runner.
 * @param folder an empty folder
 * @param suites absolute paths of what mocha loads
 * @param results where it writes `SuiteResult[]` as JSON when the suites have ended
 * @returns the path of its VSIX
 */
export function packSuiteExtension(folder: string, suites: readonly string[], results: string): string {
  return packExtension(folder, {
    "package.json": JSON.stringify(MANIFEST),
    "README.md": "Runs the suites of DEX-AR inside VS Code.\n",
    "main.cjs": MAIN,
    "run.json": JSON.stringify({ mocha: path.resolve("node_modules/mocha"), suites, results }),
  });
}
