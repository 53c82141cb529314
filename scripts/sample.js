// @ts-check
/** Explains a sample picture with the bundled model and says where the result is. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

const PICTURE = "examples/burger-and-ghost-and-butterfly.png";
const FOLDER = path.join("out", "sample");

process.chdir(path.resolve(import.meta.dirname, ".."));
mkdirSync(FOLDER, { recursive: true });
const command = ["explain", PICTURE, "--out", FOLDER, "--png", FOLDER, "--html", FOLDER];
console.log(`dexar ${command.join(" ")}\n`);
try {
  execFileSync(process.execPath, ["dist/cli.js", ...command], { stdio: ["ignore", "inherit", "inherit"] });
} catch {
  // The command line has said what is wrong.
  process.exit(1);
}
const report = path.resolve(FOLDER, `${path.parse(PICTURE).name}.dexar.html`);
console.log(`\nOpen the report in a browser: ${report}`);
