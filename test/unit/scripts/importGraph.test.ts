import { readdirSync } from "node:fs";
import path from "node:path";
import esbuild from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

/** Every TypeScript file of the product and the files it imports (types are gone: they cost nothing). */
const imports = new Map<string, string[]>();

beforeAll(async () => {
  const files = ["src", "webview"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
      .map((file) => path.posix.join(folder, file.split(path.sep).join("/"))),
  );
  const { metafile } = await esbuild.build({
    entryPoints: files,
    bundle: true,
    write: false,
    outdir: "dist",
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
    logLevel: "silent",
  });
  for (const [file, input] of Object.entries(metafile.inputs)) {
    imports.set(
      file,
      input.imports.filter(({ external }) => external !== true).map(({ path: target }) => target),
    );
  }
});

/** The files of one cycle through `file`, first to last, or null. */
function cycleThrough(file: string): string[] | null {
  const seen = new Set<string>();
  const walk = (at: string, trail: string[]): string[] | null => {
    for (const next of imports.get(at) ?? []) {
      if (next === file) return [...trail, file];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...trail, next]);
      if (found !== null) return found;
    }
    return null;
  };
  return walk(file, [file]);
}

describe("the import graph", () => {
  it("holds the whole product", () => {
    expect(imports.has("src/host/extension.ts")).toBe(true);
    expect([...imports.keys()].some((file) => file.startsWith("src/core/autodiff/"))).toBe(true);
  });

  it("has no cycles", () => {
    const cycles = [...imports.keys()].map(cycleThrough).filter((cycle) => cycle !== null);
    expect(cycles.map((cycle) => cycle.join(" -> "))).toEqual([]);
  });

  it.each([
    ["src/core/tensor", ["onnx", "graph", "autodiff", "instrument", "attribution", "memory"]],
    ["src/core/onnx", ["graph", "autodiff", "instrument", "attribution", "memory"]],
    ["src/core/graph", ["autodiff", "instrument", "attribution", "memory"]],
    ["src/core/autodiff", ["instrument", "attribution", "memory"]],
  ])("%s does not reach up", (folder, above) => {
    const reached = [...imports]
      .filter(([file]) => file.startsWith(`${folder}/`))
      .flatMap(([file, targets]) => targets.map((target) => `${file} -> ${target}`))
      .filter((edge) => above.some((name) => edge.includes(`-> src/core/${name}/`)));
    expect(reached).toEqual([]);
  });
});
