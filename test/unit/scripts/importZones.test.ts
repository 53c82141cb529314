import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { dexarPlugin } from "../../../scripts/lint/importZones.js";
import { ZONES } from "../../../scripts/lint/zones.js";

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["**/*.ts"],
      languageOptions: { parser: tseslint.parser },
      plugins: { dexar: dexarPlugin },
      rules: { "dexar/import-zones": "error" },
    },
  ],
});

async function problems(filePath: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath });
  return results.flatMap((result) => result.messages.map(({ message }) => message));
}

function ruleOf(folder: string): string {
  const zone = ZONES.find((row) => row.folder === folder);
  if (zone === undefined) throw new Error(`no zone ${folder}`);
  return zone.rule;
}

describe("forbidden imports are refused with the zone's message", () => {
  it.each([
    ["src/core", "src/core/tensor/a.ts", 'import { readFileSync } from "node:fs";', "node:fs"],
    ["src/core", "src/core/a.ts", 'import "fs";', "fs"],
    ["src/core", "src/core/a.ts", 'import ort from "onnxruntime-node";', "onnxruntime-node"],
    ["src/core", "src/core/run/a.ts", 'import type { B } from "../../runtime/b.js";', "../../runtime/b.js"],
    ["src/core", "src/core/a.ts", 'export { b } from "../host/b.js";', "../host/b.js"],
    ["src/core", "src/core/a.ts", 'export * from "../cli/b.js";', "../cli/b.js"],
    ["src/core", "src/core/a.ts", 'const b = await import("sharp");', "sharp"],
    ["src/core", "src/core/a.ts", 'type B = import("vscode").Uri;', "vscode"],
    ["src/protocol", "src/protocol/a.ts", 'import { b } from "../core/b.js";', "../core/b.js"],
    ["src/protocol", "src/protocol/a.ts", 'import { workspace } from "vscode";', "vscode"],
    ["src/runtime", "src/runtime/a.ts", 'import ort from "onnxruntime-node";', "onnxruntime-node"],
    ["src/runtime", "src/runtime/a.ts", 'import sharp from "sharp";', "sharp"],
    ["src/runtime", "src/runtime/sessions.ts", 'import ort from "onnxruntime-node";', "onnxruntime-node"],
    ["src/runtime", "src/runtime/a.ts", 'import { b } from "../cli/b.js";', "../cli/b.js"],
    ["src/runtime/session", "src/runtime/session/a.ts", 'import sharp from "sharp";', "sharp"],
    ["src/runtime/image", "src/runtime/image/a.ts", 'import "onnxruntime-node";', "onnxruntime-node"],
    ["src/cli", "src/cli/a.ts", 'import * as vscode from "vscode";', "vscode"],
    ["src/cli", "src/cli/a.ts", 'import sharp from "sharp";', "sharp"],
    ["src/host", "src/host/a.ts", 'import { b } from "../runtime/b.js";', "../runtime/b.js"],
    ["src/host", "src/host/a.ts", 'import "@huggingface/transformers";', "@huggingface/transformers"],
    [
      "webview",
      "webview/charts/a.ts",
      'import { b } from "../../src/core/onnx/b.js";',
      "../../src/core/onnx/b.js",
    ],
    ["webview", "webview/a.ts", 'import path from "node:path";', "node:path"],
    ["tools", "tools/a.ts", 'import { b } from "../test/b.js";', "../test/b.js"],
  ])("%s: %s %s", async (folder, file, code, specifier) => {
    expect(await problems(file, code)).toEqual([
      `"${specifier}" may not be imported here. ${ruleOf(folder)}`,
    ]);
  });
});

describe("allowed imports pass", () => {
  it.each([
    ["src/core/graph/a.ts", 'import { b } from "../tensor/b.js"; import { c } from "onnx-buf";'],
    ["src/core/a.ts", 'import { WireType } from "@bufbuild/protobuf/wire";'],
    ["src/protocol/a.ts", 'import type { Run } from "../core/run/types.js"; import { b } from "./b.js";'],
    ["src/runtime/session/a.ts", 'import ort from "onnxruntime-node"; import { b } from "../b.js";'],
    ["src/runtime/image/a.ts", 'import sharp from "sharp"; import path from "node:path";'],
    ["src/cli/a.ts", 'import { b } from "../runtime/b.js"; import { Command } from "commander";'],
    ["src/host/a.ts", 'import * as vscode from "vscode"; import { b } from "../protocol/b.js";'],
    ["webview/a.ts", 'import { b } from "../src/core/heatmap/b.js";'],
    ["test/unit/a.ts", 'import { b } from "../../src/host/b.js"; import sharp from "sharp";'],
  ])("%s %s", async (file, code) => {
    expect(await problems(file, code)).toEqual([]);
  });
});
