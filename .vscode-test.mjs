// Runs test/vscode/api in a desktop VS Code: `npm run test:vscode:desktop`. It downloads one, or takes
// the executable that DEXAR_VSCODE names.
import { defineConfig } from "@vscode/test-cli";

const installed = process.env.DEXAR_VSCODE;

export default defineConfig({
  files: ".cache/vscode-suites/*.cjs",
  workspaceFolder: "examples",
  launchArgs: ["--disable-extensions", "--disable-workspace-trust"],
  mocha: { ui: "bdd", timeout: 120_000 },
  ...(installed ? { useInstallation: { fromPath: installed } } : {}),
});
