import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { decoderDtypes, graphFiles, graphsFor, seesPictures, type GraphFile } from "./modelParts.js";
import { folderBytes } from "./store.js";

/** A model that another program keeps in the Hugging Face cache. */
export interface CachedModel {
  readonly name: string;
  /** The folder of one revision: `models--owner--name/snapshots/<commit>`. */
  readonly dir: string;
  readonly commit: string;
  /** Weight types of which every graph is there. */
  readonly dtypes: readonly string[];
  readonly bytes: number;
  /** What it lacks to be used; nothing where it can be. */
  readonly missing: readonly string[];
}

const NEEDED: readonly string[] = [
  "config.json",
  "preprocessor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
];

/** The vision-language models with ONNX graphs in the Hugging Face cache, by name; none where there is no cache. */
export async function cachedModels(cache: string): Promise<CachedModel[]> {
  const entries: readonly string[] = await readdir(cache).catch(() => []);
  const models = await Promise.all([...entries].sort().map((entry) => cachedModel(cache, entry)));
  return models.filter((model) => model !== null);
}

async function cachedModel(cache: string, entry: string): Promise<CachedModel | null> {
  const [kind, ...names] = entry.split("--");
  if (kind !== "models" || names.length !== 2) return null;
  const repo = path.join(cache, entry);
  const commit = await newestCommit(repo);
  if (commit === null) return null;
  const dir = path.join(repo, "snapshots", commit);
  const files = await readableFiles(dir);
  const graphs = graphFiles(files);
  // The cache holds models of all kinds; those without graphs to see with are not for this program.
  if (!seesPictures(graphs)) return null;
  const dtypes = wholeDtypes(graphs, await neededWeights(dir), files);
  const missing: string[] = NEEDED.filter((file) => !files.includes(file));
  if (dtypes.length === 0) missing.push(...missingGraphs(graphs));
  return { name: names.join("/"), dir, commit, dtypes, bytes: await folderBytes(dir), missing };
}

/** The commit that `main` was at last, else the one looked at last. */
async function newestCommit(repo: string): Promise<string | null> {
  const main = await readFile(path.join(repo, "refs", "main"), "utf8").catch(() => "");
  const commits: readonly string[] = await readdir(path.join(repo, "snapshots")).catch(() => []);
  if (commits.includes(main.trim())) return main.trim();
  const times = await Promise.all(
    commits.map((commit) =>
      stat(path.join(repo, "snapshots", commit)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const newest = Math.max(...times);
  return commits.find((_, index) => times[index] === newest) ?? null;
}

/** Paths of the files whose content is there: a link to a blob that is not is left out. */
async function readableFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => path.join(parentPath, name));
  const there = await Promise.all(
    files.map((file) =>
      stat(file).then(
        (stats) => stats.isFile(),
        () => false,
      ),
    ),
  );
  return files
    .filter((_, index) => there[index])
    .map((file) => path.relative(dir, file).split(path.sep).join("/"));
}

/** How many files of weights a graph has beside it, as `config.json` says it to transformers.js. */
type WeightFiles = (graph: GraphFile) => number;

async function neededWeights(dir: string): Promise<WeightFiles> {
  const config: unknown = await readFile(path.join(dir, "config.json"), "utf8")
    .then(JSON.parse)
    .catch(() => null);
  const format = (config as { "transformers.js_config"?: { use_external_data_format?: unknown } } | null)?.[
    "transformers.js_config"
  ]?.use_external_data_format;
  return ({ part, path: file }) => {
    const own = isRecord(format) ? (format[path.posix.basename(file)] ?? format[part] ?? 0) : format;
    return own === true ? 1 : typeof own === "number" ? own : 0;
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function wholeDtypes(graphs: readonly GraphFile[], weights: WeightFiles, files: readonly string[]): string[] {
  const isWhole = (graph: GraphFile): boolean =>
    Array.from({ length: weights(graph) }, (_, i) => `${graph.path}_data${i === 0 ? "" : `_${i}`}`).every(
      (file) => files.includes(file),
    );
  const parts = ["vision_encoder", "embed_tokens"];
  return decoderDtypes(graphs).filter((dtype) => {
    const used = graphsFor(graphs, dtype);
    // Where the usual decoder is there, so must be the usual other parts.
    const usual = used.some(({ part }) => part === "decoder_model_merged");
    return used.every(isWhole) && (!usual || parts.every((name) => used.some(({ part }) => part === name)));
  });
}

function missingGraphs(graphs: readonly GraphFile[]): string[] {
  const parts = ["vision_encoder", "embed_tokens", "decoder_model_merged"];
  const lacking = parts.filter((name) => !graphs.some(({ part }) => part === name));
  return lacking.length === 0
    ? ["weights beside a graph (.onnx_data)"]
    : lacking.map((name) => `onnx/${name}.onnx`);
}
