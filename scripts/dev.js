// @ts-check
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { serveDev } from "./devServer.js";

/**
 * `npm run dev`: the panel on a plain page, with runs of the bundled model recorded by the command line (once, in
 * .cache/dev) and everything of webview/ built at each reload.
 */
const ROOT = path.resolve(import.meta.dirname, "..");
const FOLDER = path.join(ROOT, ".cache/dev");
const PORT = 5180;
const SAMPLES = ["dog-and-frog", "bike-and-white-circle-and-ghost", "butterfly"];

/** @param {string} name */
function recorded(name) {
  const file = path.join(FOLDER, `${name}.dexar`);
  if (existsSync(file)) return readFileSync(file);
  const image = path.join(ROOT, "examples", `${name}.png`);
  const { status, error } = spawnSync(
    process.execPath,
    [path.join(ROOT, "dist/cli.js"), "explain", image, "--out", file],
    { cwd: ROOT, stdio: "inherit" },
  );
  if (error || status !== 0)
    throw new Error(`recording ${name} failed; was \`npm run build\` run?`, { cause: error });
  return readFileSync(file);
}

mkdirSync(FOLDER, { recursive: true });
const runs = new Map(SAMPLES.map((name) => [name, recorded(name)]));
const { address } = await serveDev({ root: ROOT, runs, port: PORT, fresh: true });
console.log(`The panel: ${address}/?scene=playback`);
console.log(`A notebook with three outputs: ${address}/notebook?outputs=3`);
console.log(`The results of several pictures: ${address}/grid?scene=playback`);
