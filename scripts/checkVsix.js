// @ts-check
import { posix as path } from "node:path";
import { nativeFolders } from "./vsixTargets.js";

/** @typedef {{ readonly path: string, readonly size: number }} VsixFile path inside the VSIX, bytes unpacked */
/** @typedef {{ readonly icon?: string, readonly contributes?: unknown }} Manifest */

const MEGABYTE = 1024 * 1024;
export const MAX_UNPACKED_BYTES = 160 * MEGABYTE;

const REQUIRED = [
  /^package\.json$/,
  /^package\.nls\.json$/,
  /^readme\.md$/i,
  /^changelog\.md$/i,
  /^license(\.txt|\.md)?$/i,
  /^dist\/extension\.cjs$/,
  /^dist\/zip\.cjs$/,
  /^dist\/yaml\.cjs$/,
  /^dist\/cli\.js$/,
  /^dist\/modelProcess\.js$/,
  /^dist\/panel\.js$/,
  /^dist\/panel\.css$/,
  /^dist\/grid\.js$/,
  /^dist\/grid\.css$/,
  /^dist\/THIRD_PARTY_NOTICES\.txt$/,
  /^models\/[^/]+\/config\.json$/,
  /^node_modules\/dejavu-fonts-ttf\/ttf\/DejaVuSans\.ttf$/,
];

const ALLOWED_TOP =
  /^(package\.json|package\.nls(\.[\w-]+)?\.json|(readme|changelog)\.md|license(\.txt|\.md)?)$/i;
const ALLOWED_FOLDERS = /^(dist|docs|examples|l10n|media|models|node_modules)\//;
const NATIVE_FILE = /\.(node|dll|dylib)$|\.so(\.[\d.]+)?$/;
const UNWANTED_FILE = /\.(ts|map|cc|h|gyp)$|^src\/|^test\//;

/**
 * Files of the extension that its manifest names: icons, pages and pictures of walkthroughs.
 * @param {unknown} part `contributes` of package.json, or anything in it
 * @returns {string[]}
 */
export function namedFiles(part) {
  if (typeof part === "string")
    return /^(\.\/)?(media|docs|examples)\/\S+\.\w+$/.test(part) ? [path.normalize(part)] : [];
  if (typeof part !== "object" || part === null) return [];
  return [...new Set(Object.values(part).flatMap(namedFiles))];
}

/**
 * What is wrong with the content of a VSIX, one sentence each; empty when all is well.
 * @param {readonly VsixFile[]} files
 * @param {string} target such as `linux-x64`
 * @param {Manifest} manifest the package.json inside
 */
export function vsixProblems(files, target, manifest) {
  const folders = nativeFolders(target);
  const named = namedFiles([manifest.icon, manifest.contributes]);
  const native = files.filter(({ path }) => NATIVE_FILE.test(path));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return [
    ...REQUIRED.filter((pattern) => !files.some(({ path }) => pattern.test(path))).map(
      (pattern) => `nothing matches ${pattern}`,
    ),
    ...named
      .filter((name) => !files.some((file) => file.path === name))
      .map((name) => `${name} is named by package.json but missing`),
    ...files
      .filter(({ path }) => path.startsWith("media/") && !named.includes(path))
      .map(({ path }) => `${path} should not ship: package.json does not name it`),
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
