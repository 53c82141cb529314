import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TensorShapeProtoSchema, create } from "../../src/core/onnx/index.js";
import type { Engine } from "../../src/runtime/engineTypes.js";
import { createEngine } from "../../src/runtime/engine.js";
import { inspectModel } from "../../src/runtime/inspect.js";
import { copyOfP1, p1WithDecoder, p1WithPart } from "../helpers/brokenModel.js";
import { BUNDLED_MODEL, bundledRequest } from "../helpers/bundledModel.js";
import { neverAborted } from "../helpers/explainRequest.js";

const quiet = () => undefined;
const made: string[] = [];
const keep = (folder: string): string => (made.push(folder), folder);
const p1 = () => keep(copyOfP1());
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

let engine: Engine;
beforeAll(() => {
  engine = createEngine();
});
afterAll(() => engine.dispose());

/** Files of a folder with their sizes. */
const contents = (folder: string) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => [file, readFileSync(file).length]);

interface Refusal {
  readonly code: string;
  readonly message: RegExp;
  readonly nextStep?: RegExp;
}

/** Loading and inspecting say the same, nothing in the folder changes, and the engine goes on with another model. */
async function expectRefused(folder: string, { code, message, nextStep = /./ }: Refusal): Promise<void> {
  const before = contents(folder);
  const known = {
    code,
    message: expect.stringMatching(message) as string,
    nextStep: expect.stringMatching(nextStep) as string,
  };
  await expect(engine.load({ modelDir: folder, device: "cpu", dtype: null }, quiet)).rejects.toMatchObject(
    known,
  );
  const { problems } = await inspectModel(folder);
  expect(problems).toContainEqual(known);
  expect(contents(folder)).toEqual(before);
}

const json = (folder: string, name: string) =>
  JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Record<string, unknown>;
function changeJson(
  folder: string,
  name: string,
  change: (content: Record<string, unknown>) => object,
): void {
  const content = change(json(folder, name));
  rmSync(path.join(folder, name));
  writeFileSync(path.join(folder, name), JSON.stringify(content));
}
const textConfig = (change: object) => (config: Record<string, unknown>) => ({
  ...config,
  text_config: { ...(config["text_config"] as object), ...change },
});

describe("not a model folder", () => {
  const emptyFolder = (...files: string[]) => {
    const folder = keep(mkdtempSync(path.join(tmpdir(), "dexar-folder-")));
    for (const file of files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), "{}");
    }
    return folder;
  };

  it.each([
    [
      "something else",
      ["holiday.txt"],
      "not-a-model-folder",
      /neither config\.json nor a folder onnx/,
      /transformers\.js layout/,
    ],
    [
      "PyTorch weights",
      ["config.json", "model-00001-of-00002.safetensors"],
      "model-not-exported",
      /PyTorch weights \(model-00001/,
      /Export the model to ONNX/,
    ],
    ["an adapter", ["adapter_model.safetensors"], "model-not-exported", /adapter_model/, /fine-tuned/],
    ["weights for llama.cpp", ["model-q4.gguf"], "model-not-exported", /llama\.cpp/, /Export/],
    [
      "graphs in the wrong place",
      ["config.json", "model.onnx", "genai_config.json"],
      "model-layout",
      /model\.onnx/,
      /folder onnx/,
    ],
  ] as const)("%s", async (_, files, code, message, nextStep) => {
    await expectRefused(emptyFolder(...files), { code, message, nextStep });
  });

  it("a file", async () => {
    const file = path.join(emptyFolder("model.onnx"), "model.onnx");
    const known = { code: "model-not-folder" };
    await expect(engine.load({ modelDir: file, device: "cpu", dtype: null }, quiet)).rejects.toMatchObject(
      known,
    );
    expect((await inspectModel(file)).problems).toMatchObject([known]);
  });
});

describe("half a download", () => {
  const decoder = "onnx/decoder_model_merged.onnx";

  it("weights beside a graph that are not there yet", async () => {
    const folder = keep(p1WithDecoder(() => undefined));
    renameSync(path.join(folder, "onnx/weights.bin"), path.join(folder, "onnx/weights.bin.part"));
    await expectRefused(folder, { code: "onnx-external-missing", message: /weights\.bin/ });
  });

  it.each([".part", ".incomplete", ".crdownload"])(
    "a graph of which there is only a %s file",
    async (ending) => {
      const folder = p1();
      renameSync(path.join(folder, decoder), path.join(folder, decoder + ending));
      await expectRefused(folder, {
        code: "model-download-unfinished",
        message: new RegExp(`onnx/decoder_model_merged.onnx${ending}`),
        nextStep: /repeat/,
      });
    },
  );

  it("external data of which there is only a .part file, beside a whole graph", async () => {
    const folder = p1();
    writeFileSync(path.join(folder, `${decoder}_data.part`), "half");
    await expectRefused(folder, {
      code: "model-download-unfinished",
      message: /decoder_model_merged\.onnx_data was not finished/,
    });
  });

  it("a tokenizer of which there is only a .part file", async () => {
    const folder = p1();
    renameSync(path.join(folder, "tokenizer.json"), path.join(folder, "tokenizer.json.part"));
    await expectRefused(folder, { code: "model-download-unfinished", message: /tokenizer\.json\.part/ });
  });

  it.each(["vision_encoder", "embed_tokens", "decoder_model_merged"])("a truncated %s", async (part) => {
    const folder = p1();
    truncateSync(path.join(folder, `onnx/${part}.onnx`), 20_000);
    await expectRefused(folder, { code: "onnx-truncated", message: new RegExp(part) });
  });

  it("Git LFS pointers in place of weights, or of a configuration", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1460000000\n";
    const replaced = (name: string) => {
      const folder = p1();
      rmSync(path.join(folder, name));
      writeFileSync(path.join(folder, name), pointer);
      return folder;
    };
    for (const name of [decoder, "onnx/embed_tokens.onnx", "tokenizer.json"]) {
      await expectRefused(replaced(name), {
        code: "model-file-pointer",
        message: new RegExp(`${name}.*1\\.46 GB`),
        nextStep: /git lfs pull/,
      });
    }
  });

  it("a web page in place of a file", async () => {
    const folder = p1();
    rmSync(path.join(folder, "config.json"));
    writeFileSync(path.join(folder, "config.json"), "<!DOCTYPE html><html>Sign in</html>");
    await expectRefused(folder, {
      code: "model-file-web-page",
      message: /config\.json/,
      nextStep: /licence/,
    });
  });
});

describe("files of different models", () => {
  it("a configuration of another size", async () => {
    const folder = p1();
    changeJson(
      folder,
      "config.json",
      textConfig({ num_hidden_layers: 24, num_attention_heads: 14, hidden_size: 896, vocab_size: 151_936 }),
    );
    await expectRefused(folder, {
      code: "model-config-mismatch",
      message:
        /24 layers, the graph has \d+; 14 attention heads, the graph has \d+; 896 hidden units, the graph has \d+; 151936 words/,
      nextStep: /exported again/,
    });
  });

  it("a vocabulary padded by an exporter is no difference", async () => {
    const folder = p1();
    const { vocabulary } = await inspectModel(folder);
    changeJson(folder, "config.json", textConfig({ vocab_size: (vocabulary ?? 0) - 60 }));
    expect((await inspectModel(folder)).problems).toEqual([]);
  });

  it("an embedding of another width than the decoder takes", async () => {
    const folder = keep(
      p1WithPart("embed_tokens.onnx", (model) => {
        const type = model.graph?.output[0]?.type?.value;
        if (type?.case !== "tensorType") throw new Error("no shape");
        const dim = (value: bigint) => ({ value: { case: "dimValue" as const, value } });
        type.value.shape = create(TensorShapeProtoSchema, { dim: [dim(1n), dim(7n), dim(960n)] });
      }),
    );
    await expectRefused(folder, {
      code: "model-parts-mismatch",
      message: /embed_tokens\.onnx.*gives 960 numbers per token, the second takes/,
    });
  });

  it("a tokenizer with numbers beyond the vocabulary", async () => {
    const folder = p1();
    changeJson(folder, "tokenizer.json", (tokenizer) => {
      const model = tokenizer["model"] as { readonly vocab: object };
      return {
        ...tokenizer,
        model: { ...model, vocab: { ...model.vocab, antidisestablishmentarianism: 151_000 } },
      };
    });
    await expectRefused(folder, {
      code: "tokenizer-mismatch",
      message: /up to number 151000, and the decoder knows \d+/,
    });
  });

  it("a tokenizer without the image token", async () => {
    const folder = p1();
    changeJson(folder, "config.json", (config) => ({ ...config, image_token_index: 400 }));
    const ids = json(folder, "tokenizer.json");
    const model = ids["model"] as { readonly vocab: Record<string, number> };
    const vocab = Object.fromEntries(Object.entries(model.vocab).filter(([, id]) => id !== 400));
    const added = (ids["added_tokens"] as { readonly id: number }[]).filter(({ id }) => id !== 400);
    changeJson(folder, "tokenizer.json", () => ({ ...ids, model: { ...model, vocab }, added_tokens: added }));
    await expectRefused(folder, {
      code: "image-token-missing",
      message: /token 400 stands for the picture/,
      nextStep: /has no image token/,
    });
  });
});

it("a configuration that names no image token, nor does the processor's", async () => {
  const folder = p1();
  changeJson(folder, "config.json", ({ image_token_index: _, ...config }) => config);
  changeJson(folder, "processor_config.json", ({ image_token: _, ...config }) => config);
  await expect(engine.load({ modelDir: folder, device: "cpu", dtype: null }, quiet)).rejects.toMatchObject({
    code: "model-config-damaged",
    message: expect.stringContaining("which token stands for the image") as string,
  });
});

it("a decoder whose weights were gone for a moment is opened at the next try", async () => {
  const folder = keep(p1WithDecoder(() => undefined));
  const weights = path.join(folder, "onnx", "weights.bin");
  await engine.load({ modelDir: folder, device: "cpu", dtype: "fp32" }, quiet);
  renameSync(weights, `${weights}.away`);
  const request = bundledRequest({ prompt: "<image> x", rawPrompt: true, maxNewTokens: 2 });
  await expect(engine.generate(request, quiet, neverAborted)).rejects.toThrow();
  renameSync(`${weights}.away`, weights);
  expect((await engine.generate(request, quiet, neverAborted)).ids).toHaveLength(2);
});

describe("a model that sees no pictures", () => {
  it("because it is a language model", async () => {
    const folder = p1();
    changeJson(folder, "config.json", () => ({ model_type: "qwen2", hidden_size: 896 }));
    await expectRefused(folder, {
      code: "text-only-model",
      message: /text-only/,
      nextStep: /vision-language/,
    });
  });

  it("because nothing says how to prepare them", async () => {
    const folder = p1();
    rmSync(path.join(folder, "preprocessor_config.json"));
    await expectRefused(folder, {
      code: "model-file-missing",
      message: /preprocessor_config\.json/,
      nextStep: /how pictures are prepared.*processor_config/,
    });
  });
});

describe("several things that are wrong", () => {
  it("are all told by inspect, each operator with its layer", async () => {
    const folder = keep(
      p1WithDecoder((model) => {
        for (const node of model.graph?.node ?? []) {
          if (/layers\.[13]\/mlp\/act_fn\/Sigmoid/.test(node.name)) node.opType = "HardSigmoid";
          if (/layers\.3\/mlp.*\/Mul$/.test(node.name)) node.opType = "Mod";
        }
      }),
    );
    rmSync(path.join(folder, "tokenizer_config.json"));
    const found = await inspectModel(folder);
    const operators = found.problems
      .filter(({ code }) => code === "unsupported-op")
      .map(({ message }) => message);
    expect(operators).toEqual([
      expect.stringMatching(/HardSigmoid.*layers\.1\/mlp.*layer 1\./) as string,
      expect.stringMatching(/HardSigmoid.*layers\.3\/mlp.*layer 3\./) as string,
      ...Array.from(
        { length: operators.length - 2 },
        () => expect.stringMatching(/Mod.*layer 3\./) as string,
      ),
    ]);
    expect(operators.length).toBeGreaterThan(2);
    expect(found.problems[0]).toMatchObject({
      code: "model-file-missing",
      message: expect.stringContaining("tokenizer_config") as string,
    });
    expect(found.layers).toBe(4);
  });
});

it("after all refusals the engine loads and answers", async () => {
  await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "q4" }, quiet);
  await expect(
    engine.load({ modelDir: p1() + "/onnx", device: "cpu", dtype: null }, quiet),
  ).rejects.toThrow();
  await engine.load({ modelDir: BUNDLED_MODEL, device: "cpu", dtype: "q4" }, quiet);
  const answer = await engine.generate(bundledRequest({ maxNewTokens: 2 }), quiet, neverAborted);
  expect(answer.ids).toHaveLength(2);
});
