import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // The editor's API exists only inside the editor.
  resolve: { alias: { vscode: path.resolve(import.meta.dirname, "test/helpers/fakeVscode.ts") } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/vscode/**", "test/fixtures/**"],
    // Model sessions and child processes: enough for a slow machine, so that nothing depends on speed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
  },
});
