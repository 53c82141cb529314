import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { allTensors } from "../../src/core/onnx/index.js";
import { createEngine } from "../../src/runtime/engine.js";
import { inspectModel } from "../../src/runtime/inspect.js";
import { readExplainableDecoder } from "../../src/runtime/model/explainableDecoder.js";
import { openModelFolder, type DiskModelFolder } from "../../src/runtime/modelFolder.js";
import { p1WithDecoder } from "../helpers/brokenModel.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { llavaModelFolder } from "../helpers/llavaModels.js";
import { packRoot } from "../helpers/referencePack.js";

/** Where the weights begin: beyond what fits into 32 bits, with or without a sign. */
const HOLE = 2 ** 32 + 4096;

/** p1 whose decoder's weights lie behind a hole of more than 4 GB, which takes no room on disk. */
function p1BehindHole(): string {
  const folder = p1WithDecoder((model) => {
    for (const { tensor } of allTensors(model)) {
      for (const entry of tensor.externalData) {
        if (entry.key === "offset") entry.value = String(Number(entry.value) + HOLE);
      }
    }
  });
  const weights = join(folder, "onnx", "weights.bin");
  const bytes = readFileSync(weights);
  renameSync(weights, `${weights}.old`);
  const file = openSync(weights, "w");
  writeSync(file, bytes, 0, bytes.length, HOLE);
  closeSync(file);
  rmSync(`${weights}.old`);
  return folder;
}

const folder = p1BehindHole();
afterAll(() => rmSync(folder, { recursive: true }));
const decoder = join(folder, "onnx", "decoder_model_merged.onnx");

/** A folder that counts the bytes that are read from each file. */
function counting(directory: string) {
  const read = new Map<string, number>();
  const disk = openModelFolder(directory);
  const open: DiskModelFolder["open"] = (name) => {
    const source = disk.open(name);
    return (
      source && {
        size: source.size,
        read: (offset, length) => {
          read.set(name, (read.get(name) ?? 0) + length);
          return source.read(offset, length);
        },
      }
    );
  };
  return { folder: { ...disk, open }, read };
}

describe("weights of more than 4 GB", () => {
  it("are not read to find a decoder's structure and to write what explains it", () => {
    const { folder: counted, read } = counting(dirname(decoder));
    const { structure } = readExplainableDecoder(decoder, counted);
    expect(structure.layers).toHaveLength(4);
    const graph = statSync(decoder).size;
    expect(read.get(basename(decoder))).toBeLessThan(4 * graph);
    // Small constants of the rules (epsilons, axes), never a weight.
    expect(read.get("weights.bin") ?? 0).toBeLessThan(64 * 1024);
    expect(statSync(join(folder, "onnx", "weights.bin")).size).toBeGreaterThan(2 ** 32);
  });

  it("are inspected with their true size", async () => {
    const { files, problems } = await inspectModel(folder);
    expect(problems).toEqual([]);
    expect(files.find(({ name }) => name === "onnx/weights.bin")?.bytes).toBeGreaterThan(2 ** 32);
  });

  it("answer and explain as the same weights in a small file", async () => {
    const asked = explainRequest({
      imagePath: join(packRoot, "images", "portrait.png"),
      prompt: "<image> x",
      maxNewTokens: 3,
    });
    const run = async (modelDir: string) => {
      const engine = createEngine();
      await engine.load({ modelDir, device: "cpu", dtype: "fp32" }, () => undefined);
      const { arrays, info } = await engine.explain(asked, () => undefined, neverAborted);
      await engine.dispose();
      return { ids: info.tokens.map(({ id }) => id), gradient: arrays.gradient };
    };
    const before = process.memoryUsage.rss();
    const large = await run(folder);
    expect(process.memoryUsage.rss() - before).toBeLessThan(1e9);
    expect(large).toEqual(await run(llavaModelFolder("p1")));
  });
});
