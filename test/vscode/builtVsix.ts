import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/**
 * The VSIX of this platform in out/, as `npm run package` leaves it.
 * @throws when there is none, or when dist/ was built after it
 */
export function builtVsix(): string {
  const { name, version } = JSON.parse(readFileSync("package.json", "utf8")) as {
    name: string;
    version: string;
  };
  const vsix = path.resolve("out", `${name}-${process.platform}-${process.arch}-${version}.vsix`);
  if (!existsSync(vsix)) throw new Error(`there is no ${vsix}: run \`npm run package\` first`);
  const newest = Math.max(...readdirSync("dist").map((file) => statSync(path.join("dist", file)).mtimeMs));
  if (newest > statSync(vsix).mtimeMs)
    throw new Error(`dist/ is newer than ${vsix}: run \`npm run package\` again`);
  return vsix;
}
