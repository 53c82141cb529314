// @ts-check
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
