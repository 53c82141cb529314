import type { Metafile } from "esbuild";
import { describe, expect, it } from "vitest";
import { BUNDLES } from "../../../scripts/bundles.js";
import { bundleProblems, packageOfInput } from "../../../scripts/checkBundle.js";

function bundle(out: string): (typeof BUNDLES)[number] {
  const found = BUNDLES.find((row) => row.out === out);
  if (found === undefined) throw new Error(`no bundle ${out}`);
  return found;
}

function metafile(inputs: readonly string[], externals: readonly string[] = [], bytes = 1): Metafile {
  return {
    inputs: Object.fromEntries(inputs.map((input) => [input, { bytes: 1, imports: [] }])),
    outputs: {
      "dist/x.js.map": { bytes: 9_000_000, inputs: {}, exports: [], imports: [] },
      "dist/x.js": {
        bytes,
        inputs: {},
        exports: [],
        imports: externals.map((path) => ({ path, kind: "import-statement", external: true })),
      },
    },
  };
}

describe("bundleProblems", () => {
  it("accepts what the table of bundles allows", () => {
    const inputs = ["src/host/extension.ts", "src/core/errors.ts", "node_modules/onnx-buf/index.js"];
    expect(bundleProblems(metafile(inputs, ["vscode", "node:path"]), bundle("dist/extension.cjs"))).toEqual(
      [],
    );
    const runtime = ["src/runtime/process/main.ts", "node_modules/@huggingface/transformers/dist/x.mjs"];
    expect(
      bundleProblems(
        metafile(runtime, ["onnxruntime-node", "sharp", "fs/promises"]),
        bundle("dist/modelProcess.js"),
      ),
    ).toEqual([]);
  });

  it.each([
    ["dist/extension.cjs", "src/runtime/session/a.ts", "src/runtime/session/a.ts may not be inside"],
    [
      "dist/extension.cjs",
      "node_modules/@huggingface/transformers/dist/x.mjs",
      "package @huggingface/transformers (node_modules/@huggingface/transformers/dist/x.mjs) may not be inside",
    ],
    ["dist/modelProcess.js", "src/cli/main.ts", "src/cli/main.ts may not be inside"],
    [
      "dist/cli.js",
      "node_modules/sharp/dist/index.mjs",
      "package sharp (node_modules/sharp/dist/index.mjs) may not be inside",
    ],
    ["dist/panel.js", "src/core/onnx/readModel.ts", "src/core/onnx/readModel.ts may not be inside"],
  ])("%s refuses %s inside", (out, input, problem) => {
    expect(bundleProblems(metafile([input]), bundle(out))).toEqual([problem]);
  });

  it.each([
    ["dist/extension.cjs", "onnxruntime-node"],
    ["dist/extension.cjs", "sharp"],
    ["dist/cli.js", "vscode"],
    ["dist/modelProcess.js", "onnxruntime-web"],
    ["dist/panel.js", "node:fs"],
    ["dist/panel.js", "d3-color"],
  ])("%s refuses to leave %s outside", (out, specifier) => {
    expect(bundleProblems(metafile([], [specifier]), bundle(out))).toEqual([
      `"${specifier}" may not be left outside`,
    ]);
  });

  it.each([
    ["dist/extension.cjs", 500_000],
    ["dist/panel.js", 600_000],
  ])("%s may have %i bytes, without its map", (out, limit) => {
    expect(bundleProblems(metafile([], [], limit), bundle(out))).toEqual([]);
    expect(bundleProblems(metafile([], [], limit + 1), bundle(out))).toEqual([
      `it has ${limit + 1} bytes, more than ${limit}`,
    ]);
  });
});

describe("packageOfInput", () => {
  it("names the innermost package", () => {
    expect(packageOfInput("node_modules/a/node_modules/@s/b/c.js")).toBe("@s/b");
    expect(packageOfInput("src/core/errors.ts")).toBeNull();
  });
});
