// @ts-check
import { nativeFolders } from "./vsixTargets.js";

/** @typedef {{ readonly path: string, readonly size: number }} VsixFile path inside the VSIX, bytes unpacked */

const MEGABYTE = 1024 * 1024;
export const MAX_UNPACKED_BYTES = 160 * MEGABYTE;

const REQUIRED = [
  /^package\.json$/,
  /^package\.nls\.json$/,
  /^readme\.md$/i,
  /^changelog\.md$/i,
  /^license(\.txt|\.md)?$/i,
  /^media\/icon\.png$/,
  /^dist\/extension\.cjs$/,
  /^dist\/cli\.js$/,
  /^dist\/modelProcess\.js$/,
  /^dist\/report\.js$/,
  /^dist\/report\.css$/,
  /^dist\/THIRD_PARTY_NOTICES\.txt$/,
  /^models\/[^/]+\/config\.json$/,
  /^node_modules\/dejavu-fonts-ttf\/ttf\/DejaVuSans\.ttf$/,
];

const ALLOWED_TOP = /^(package\.json|package\.nls\.json|(readme|changelog)\.md|license(\.txt|\.md)?)$/i;
const ALLOWED_FOLDERS = /^(dist|docs|examples|media|models|node_modules)\//;
const NATIVE_FILE = /\.(node|dll|dylib)$|\.so(\.[\d.]+)?$/;
const UNWANTED_FILE = /\.(ts|map|cc|h|gyp)$|^src\/|^test\//;

/**
 * What is wrong with the content of a VSIX, one sentence each; empty when all is well.
 * @param {readonly VsixFile[]} files
 * @param {string} target such as `linux-x64`
 */
export function vsixProblems(files, target) {
  const folders = nativeFolders(target);
  const native = files.filter(({ path }) => NATIVE_FILE.test(path));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return [
    ...REQUIRED.filter((pattern) => !files.some(({ path }) => pattern.test(path))).map(
      (pattern) => `nothing matches ${pattern}`,
    ),
    ...files
      .filter(({ path }) => !ALLOWED_TOP.test(path) && !ALLOWED_FOLDERS.test(path))
      .map(({ path }) => `${path} should not ship`),
    ...files.filter(({ path }) => UNWANTED_FILE.test(path)).map(({ path }) => `${path} should not ship`),
    ...native
      .filter(({ path }) => !folders.some((folder) => path.startsWith(folder)))
      .map(({ path }) => `${path} is a native file of another platform`),
    ...folders
      .filter((folder) => !native.some(({ path }) => path.startsWith(folder)))
      .map((folder) => `${folder} holds no native file: install its package for ${target} first`),
    ...(bytes > MAX_UNPACKED_BYTES
      ? [`it unpacks to ${Math.round(bytes / MEGABYTE)} MB, more than ${MAX_UNPACKED_BYTES / MEGABYTE}`]
      : []),
  ];
}
