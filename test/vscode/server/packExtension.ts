import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Packs a small extension that tests work with inside VS Code.
 * @param folder an empty folder
 * @param files contents by name, `package.json` among them
 * @returns the path of its VSIX
 */
export function packExtension(folder: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  const vsix = path.join(folder, "packed.vsix");
  const options = ["--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", vsix];
  execFileSync(process.execPath, [path.resolve("node_modules/@vscode/vsce/vsce"), "package", ...options], {
    cwd: folder,
    stdio: "pipe",
  });
  return vsix;
}
