import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkIntegrity } from "../../../scripts/natives.js";
import { groupTable } from "../../../scripts/vsixGroups.js";
import { nativeFiles, TARGETS } from "../../../scripts/vsixTargets.js";

describe("checkIntegrity", () => {
  const bytes = Buffer.from("a package");
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

  it("accepts the bytes of the lock file and refuses others", () => {
    expect(() => checkIntegrity("p", bytes, integrity)).not.toThrow();
    expect(() => checkIntegrity("p", Buffer.from("another"), integrity)).toThrow(
      /^p is not what package-lock\.json expects/,
    );
  });
});

describe("nativeFiles", () => {
  it("takes one of the two equal libraries of macOS", () => {
    expect(nativeFiles("darwin-arm64")).toContain(
      "node_modules/onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime.1.dylib",
    );
    expect(nativeFiles("darwin-arm64")).not.toContain(
      "node_modules/onnxruntime-node/bin/napi-v6/darwin/arm64/*",
    );
  });

  it("asks for libvips beside sharp, except on Windows, where sharp holds it", () => {
    const withLibvips = TARGETS.filter((target) =>
      nativeFiles(target).some((pattern) => pattern.includes("libvips")),
    );
    expect(withLibvips).toEqual(["linux-x64", "linux-arm64", "darwin-arm64"]);
  });
});

describe("groupTable", () => {
  it("counts every file once", () => {
    const table = groupTable([
      { path: "dist/cli.js", size: 2_000_000, packed: 500_000 },
      { path: "models/a/config.json", size: 1_000_000, packed: 250_000 },
      { path: "l10n/bundle.l10n.de.json", size: 10_000, packed: 10_000 },
    ]);
    expect(table).toContain("| bundles and licences | 1 | 2.00 | 0.50 |");
    expect(table).toContain("| bundled model | 1 | 1.00 | 0.25 |");
    expect(table).toContain("| icons, walkthrough, texts, manifest | 1 | 0.01 | 0.01 |");
    expect(table).toContain("| all | 3 | 3.01 | 0.76 |");
  });
});
