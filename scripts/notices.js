// @ts-check
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { packageOfInput } from "./checkBundle.js";

const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i;

/** @param {string} input path of a bundled file inside node_modules */
function packageFolder(input) {
  const name = packageOfInput(input);
  if (name === null) throw new Error(`${input} is not inside a package`);
  return input.slice(0, input.lastIndexOf("node_modules/")) + `node_modules/${name}`;
}

/** @param {string} folder */
function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
}

/**
 * The licences of every npm package inside and beside the bundles, as the text that must travel with them.
 * @param {readonly string[]} inputs paths of all bundled files
 * @param {readonly string[]} beside names of packages that ship unbundled
 */
export function thirdPartyNotices(inputs, beside) {
  const bundled = inputs.filter((input) => packageOfInput(input) !== null).map(packageFolder);
  const folders = new Set([...bundled, ...beside.map((name) => `node_modules/${name}`)]);
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  return `Packages that ship with DEX-AR, bundled or beside it, and their licences${rule}${[...folders].sort().map(notice).join(rule)}\n`;
}
