import { spawnSync } from "node:child_process";
import { findChromium } from "../helpers/browser.js";

/** What this machine lacks to run a real VS Code in a browser, in words; empty when it has everything. */
export function missingForVscode(): string[] {
  const missing =
    findChromium() === undefined ? ["a Chromium on the PATH (or its path in DEXAR_CHROMIUM)"] : [];
  for (const program of ["c++", "make", "python3"]) {
    if (spawnSync(program, ["--version"]).error) missing.push(program);
  }
  if (process.platform === "win32") missing.push("Linux or macOS");
  return missing;
}
