import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { DexarError } from "../core/errors.js";

const EXTENSIONS = new Set([".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".avif"]);

/** A picture to explain, or why it cannot be one. */
export interface ImageInput {
  readonly path: string;
  readonly problem: DexarError | null;
}

/**
 * The pictures of the command line: files as given, folders by the image files directly in them, by name.
 * What does not exist becomes an input with a problem, so that the others are still explained.
 */
export async function findImages(paths: readonly string[]): Promise<ImageInput[]> {
  const found = await Promise.all(paths.map(imagesAt));
  return found.flat();
}

async function imagesAt(given: string): Promise<ImageInput[]> {
  const stats = await stat(given).catch((error: NodeJS.ErrnoException) => error);
  if (stats instanceof Error) return [{ path: given, problem: notFound(given, stats) }];
  if (!stats.isDirectory()) return [{ path: given, problem: null }];
  const entries = await readdir(given, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => !entry.isDirectory() && EXTENSIONS.has(path.extname(entry.name).toLowerCase()))
    .map((entry) => entry.name)
    .sort();
  if (names.length === 0) return [{ path: given, problem: noImages(given) }];
  return names.map((name) => ({ path: path.join(given, name), problem: null }));
}

function notFound(given: string, error: NodeJS.ErrnoException): DexarError {
  if (error.code === "ENOENT") {
    return new DexarError(
      "image-not-found",
      `There is no such image: ${given}`,
      "Check the path of the image.",
    );
  }
  const why = error.code ?? error.message;
  return new DexarError(
    "image-not-readable",
    `The image cannot be read (${why}): ${given}`,
    "Check its permissions.",
  );
}

function noImages(given: string): DexarError {
  return new DexarError(
    "no-images",
    `The folder has no image files: ${given}`,
    `Images are files ending in ${[...EXTENSIONS].join(", ")}; folders inside are not searched.`,
  );
}
