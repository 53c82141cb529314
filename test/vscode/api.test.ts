import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSuites } from "../../scripts/buildSuites.js";
import { builtVsix } from "./builtVsix.js";
import { packSuiteExtension, RUN_SUITES, type SuiteResult } from "./server/suiteExtension.js";
import { openWindow, type VscodeWindow } from "./window.js";

describe("the suites of test/vscode/api, inside the extension host", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "dexar-suites-"));
  const results = path.join(folder, "results.json");
  let vscode: VscodeWindow;

  beforeAll(async () => {
    const suites = packSuiteExtension(path.join(folder, "extension"), await buildSuites(), results);
    vscode = await openWindow({ vsix: [builtVsix(), suites] });
  });
  afterAll(async () => {
    await vscode.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("pass", async () => {
    await vscode.workbench.runCommand(RUN_SUITES);
    await expect.poll(() => existsSync(results), { timeout: 120_000, interval: 100 }).toBe(true);
    const ended = JSON.parse(readFileSync(results, "utf8")) as SuiteResult[];
    expect(ended).toEqual(ended.map(({ title }) => ({ title, error: null })));
    expect(ended.length).toBeGreaterThan(1);
  });
});
