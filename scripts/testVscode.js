// @ts-check
/** Tests the built extension inside a real VS Code: the one of DEXAR_VSCODE, or a downloaded one. */
import path from "node:path";
import { downloadAndUnzipVSCode, runTests } from "@vscode/test-electron";
import esbuild from "esbuild";

const ROOT = path.resolve(import.meta.dirname, "..");
const SUITE = path.join(ROOT, ".cache/vscode-tests/index.cjs");

async function findVscode() {
  const given = process.env["DEXAR_VSCODE"];
  if (given !== undefined && given !== "") return given;
  try {
    return await downloadAndUnzipVSCode({ cachePath: path.join(ROOT, ".cache/vscode") });
  } catch (error) {
    throw new Error(
      "No VS Code to test in: none is named by the environment variable DEXAR_VSCODE and none could be " +
        `downloaded (${error instanceof Error ? error.message : error}).\n` +
        "Set DEXAR_VSCODE to the path of an installed VS Code's executable, or run this with a network.",
      { cause: error },
    );
  }
}

try {
  const vscodeExecutablePath = await findVscode();
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["test/vscode/index.ts"],
    outfile: SUITE,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
  });
  process.exitCode = await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: SUITE,
    launchArgs: ["--disable-extensions", "--disable-workspace-trust"],
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
