import { defineConfig } from "vitest/config";
import { missingForVscode } from "./test/vscode/needs.js";

// CI has everything, so there a lack is a failure; elsewhere the rest of `npm test` must not fail for it.
const missing = process.env["CI"] ? [] : missingForVscode();
if (missing.length > 0) {
  console.warn(`\nNOT RUN: the tests inside VS Code. They need ${missing.join(", ")} (docs/testing.md).\n`);
}

/** The extension as it is installed, inside a real VS Code: `npm run test:vscode`. */
export default defineConfig({
  test: {
    include: missing.length === 0 ? ["test/vscode/**/*.test.ts"] : [],
    passWithNoTests: missing.length > 0,
    globalSetup: missing.length === 0 ? ["test/vscode/globalSetup.ts"] : [],
    // A whole editor, a browser and a model: enough for a slow machine, so that nothing depends on speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 1,
  },
});
