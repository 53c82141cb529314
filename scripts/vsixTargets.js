// @ts-check
/** The platforms that get a VSIX: `node scripts/vsixTargets.js` lists them. */
import { fileURLToPath } from "node:url";

/** The platforms ONNX Runtime and sharp both ship binaries for. */
export const TARGETS = ["linux-x64", "linux-arm64", "darwin-arm64", "win32-x64", "win32-arm64"];

/** Folders inside the VSIX that hold native files of one target. @param {string} target */
export function nativeFolders(target) {
  const [platform, arch] = target.split("-");
  return [
    `node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/`,
    `node_modules/@img/sharp-${target}/`,
    ...(platform === "win32" ? [] : [`node_modules/@img/sharp-libvips-${target}/`]),
  ];
}

/**
 * What of those folders ships, as glob patterns: binaries, package files, licences.
 * @param {string} target
 */
export function nativeFiles(target) {
  return nativeFolders(target).flatMap((folder) => {
    if (folder.startsWith("node_modules/@img/")) return [`${folder}*`, `${folder}lib/*`];
    // npm has no links: the macOS library is there twice, and the binding asks for this name.
    return target.startsWith("darwin-")
      ? [`${folder}*.node`, `${folder}libonnxruntime.1.dylib`]
      : [`${folder}*`];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(TARGETS.join("\n"));
