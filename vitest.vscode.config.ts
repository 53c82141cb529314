import { defineConfig } from "vitest/config";

/** The extension as it is installed, inside a real VS Code: `npm run test:vscode`. */
export default defineConfig({
  test: {
    include: ["test/vscode/**/*.test.ts"],
    globalSetup: ["test/vscode/globalSetup.ts"],
    // A whole editor, a browser and a model: enough for a slow machine, so that nothing depends on speed.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 1,
  },
});
