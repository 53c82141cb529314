import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";

const MEGABYTE = 1024 * 1024;

/** Files that git tracks or would track, from the project's root. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(file));

function bytes(folder: string): number {
  return files.filter((file) => file.startsWith(folder)).reduce((sum, file) => sum + statSync(file).size, 0);
}

describe("the repository", () => {
  it("keeps models and fixtures small", () => {
    expect(bytes("models/")).toBeLessThanOrEqual(16 * MEGABYTE);
    expect(bytes("test/fixtures/")).toBeLessThanOrEqual(20 * MEGABYTE);
  });

  it("has no large file anywhere else", () => {
    const large = files
      .filter((file) => !/^(models|test\/fixtures)\//.test(file))
      .filter((file) => statSync(file).size > MEGABYTE);
    expect(large).toEqual([]);
  });

  it("names no registry host and no machine's folders", () => {
    const text = files.filter((file) => /\.(ts|js|json|md|py|yml|sh)$|^\.npmrc$|^\.ci\//.test(file));
    const hosts =
      /registry\.npmjs|files\.pythonhosted|pypi\.org|\/work\/(main|shared)\/|\/home\/[a-z]+\/|\/root\//;
    expect(text.filter((file) => hosts.test(readFileSync(file, "utf8")))).toEqual([]);
  });

  it("locks every package to a checksum and to no host", () => {
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      packages: Record<string, { integrity?: string; resolved?: string }>;
    };
    const entries = Object.entries(lock.packages).filter(([name]) => name !== "");
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
    expect(entries.filter(([, entry]) => entry.integrity === undefined).map(([name]) => name)).toEqual([]);
  });

  it("needs no install script of any dependency", () => {
    expect(readFileSync(".npmrc", "utf8")).toMatch(/^ignore-scripts=true$/m);
  });
});
