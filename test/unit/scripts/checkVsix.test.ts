import { describe, expect, it } from "vitest";
import { MAX_UNPACKED_BYTES, namedFiles, vsixProblems } from "../../../scripts/checkVsix.js";

const GOOD = [
  "package.json",
  "package.nls.json",
  "readme.md",
  "changelog.md",
  "LICENSE.txt",
  "media/icon.png",
  "dist/extension.cjs",
  "dist/zip.cjs",
  "dist/yaml.cjs",
  "dist/cli.js",
  "dist/modelProcess.js",
  "dist/panel.js",
  "dist/panel.css",
  "dist/grid.js",
  "dist/grid.css",
  "dist/THIRD_PARTY_NOTICES.txt",
  "models/emoji-llava/config.json",
  "node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node",
  "node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1",
  "node_modules/@img/sharp-linux-x64/lib/sharp-linux-x64-0.35.5.node",
  "node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.3",
].map((path) => ({ path, size: 1000 }));
const MANIFEST = { icon: "media/icon.png" };

describe("vsixProblems", () => {
  it("accepts a complete package of one platform", () => {
    expect(vsixProblems(GOOD, "linux-x64", MANIFEST)).toEqual([]);
  });

  it("names what is missing", () => {
    const files = GOOD.filter(({ path }) => path !== "dist/cli.js");
    expect(vsixProblems(files, "linux-x64", MANIFEST)).toEqual([
      String.raw`nothing matches /^dist\/cli\.js$/`,
    ]);
  });

  it("names native files of another platform, and folders that are empty", () => {
    const problems = vsixProblems(GOOD, "win32-x64", MANIFEST);
    expect(problems).toContain(
      "node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.3 is a native file of another platform",
    );
    expect(problems).toContain(
      "node_modules/@img/sharp-win32-x64/ holds no native file: install its package for win32-x64 first",
    );
  });

  it.each(["src/core/errors.ts", "test/a.test.js", ".npmrc", "tools/train.py", "dist/cli.js.map"])(
    "refuses %s",
    (path) => {
      const problems = vsixProblems([...GOOD, { path, size: 1 }], "linux-x64", MANIFEST);
      expect(new Set(problems)).toEqual(new Set([`${path} should not ship`]));
    },
  );

  it("names files that package.json asks for, and pictures that it does not", () => {
    const contributes = { commands: [{ icon: { light: "media/light/a.svg", dark: "./media/dark/a.svg" } }] };
    const files = [...GOOD, { path: "media/dark/a.svg", size: 1 }, { path: "media/old.svg", size: 1 }];
    expect(vsixProblems(files, "linux-x64", { ...MANIFEST, contributes })).toEqual([
      "media/light/a.svg is named by package.json but missing",
      "media/old.svg should not ship: package.json does not name it",
    ]);
  });

  it("refuses a package that is too large", () => {
    const files = [...GOOD, { path: "models/a/onnx/decoder.onnx", size: MAX_UNPACKED_BYTES }];
    expect(vsixProblems(files, "linux-x64", MANIFEST)).toEqual(["it unpacks to 160 MB, more than 160"]);
  });
});

describe("namedFiles", () => {
  it("finds paths anywhere, once each, and no theme icon", () => {
    const part = [
      { icon: "media/a.svg" },
      { icon: "$(play)", media: { svg: "./media/a.svg" } },
      "docs/b.md",
      3,
      null,
    ];
    expect(namedFiles(part)).toEqual(["media/a.svg", "docs/b.md"]);
  });
});
