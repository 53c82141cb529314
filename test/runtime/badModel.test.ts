import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allTensors } from "../../src/core/onnx/index.js";
import { createEngine } from "../../src/runtime/engine.js";
import { inspectModel } from "../../src/runtime/inspect.js";
import { copyOfP1, p1WithDecoder } from "../helpers/brokenModel.js";
import { explainRequest, neverAborted } from "../helpers/explainRequest.js";
import { llavaModelFolder } from "../helpers/llavaModels.js";
import { packModel, packRoot } from "../helpers/referencePack.js";

const load = (modelDir: string, dtype: string | null = null) =>
  createEngine().load({ modelDir, device: "cpu", dtype }, () => undefined);

/** Loading fails with this code, and `models inspect` names the same problem. */
async function expectRefused(folder: string, code: string, words: RegExp): Promise<void> {
  await expect(load(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(words) as string });
  const { problems } = await inspectModel(folder);
  expect(problems.map((problem) => problem.code)).toContain(code);
}

describe("a model folder that cannot be loaded is refused with the reason", () => {
  test("no such folder", async () => {
    await expectRefused("/no/such/folder", "model-not-found", /no\/such\/folder/);
  });

  test.each(["config.json", "tokenizer.json", "preprocessor_config.json"])("without %s", async (name) => {
    const folder = copyOfP1();
    rmSync(join(folder, name));
    await expectRefused(folder, "model-file-missing", new RegExp(name));
  });

  test.each(["vision_encoder", "embed_tokens", "decoder_model_merged"])("without %s.onnx", async (part) => {
    const folder = copyOfP1();
    rmSync(join(folder, "onnx", `${part}.onnx`));
    await expectRefused(folder, "model-file-missing", new RegExp(`${part}.onnx`));
  });

  test("a damaged config.json", async () => {
    const folder = copyOfP1();
    writeFileSync(join(folder, "config.json"), "{ not json");
    await expectRefused(folder, "model-config-damaged", /config\.json/);
  });

  test("a text-only model", async () => {
    const folder = copyOfP1();
    writeFileSync(join(folder, "config.json"), JSON.stringify({ model_type: "llama", hidden_size: 128 }));
    await expectRefused(folder, "text-only-model", /text-only/);
  });

  test("an unknown family", async () => {
    const folder = copyOfP1();
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ model_type: "never_heard_of", vision_config: {} }),
    );
    await expectRefused(folder, "unknown-family", /never_heard_of/);
  });

  test("an operator without a rule: op, node and layer are named", async () => {
    const folder = p1WithDecoder((model) => {
      const node = model.graph?.node.find((n) => n.name === "/model/layers.2/mlp/act_fn/Sigmoid");
      if (node) node.opType = "HardSigmoid";
    });
    await expectRefused(folder, "unsupported-op", /HardSigmoid.*layers\.2\/mlp\/act_fn.*layer 2/);
  });

  test("a truncated decoder", async () => {
    const folder = copyOfP1();
    truncateSync(join(folder, "onnx/decoder_model_merged.onnx"), 1_000_000);
    await expectRefused(folder, "onnx-truncated", /decoder_model_merged\.onnx/);
  });

  test("a decoder that is not ONNX", async () => {
    const folder = copyOfP1();
    writeFileSync(join(folder, "onnx/decoder_model_merged.onnx"), "something else".repeat(100));
    await expect(load(folder)).rejects.toMatchObject({ code: expect.stringMatching(/^onnx-/) as string });
  });

  test("external data missing", async () => {
    const folder = p1WithDecoder(() => undefined);
    rmSync(join(folder, "onnx/weights.bin"));
    await expectRefused(folder, "onnx-external-missing", /weights\.bin/);
  });

  test("external data too short", async () => {
    const folder = p1WithDecoder(() => undefined);
    truncateSync(join(folder, "onnx/weights.bin"), 100_000);
    await expectRefused(folder, "onnx-external-short", /weights\.bin/);
  });

  test.each(["../../outside.bin", "/etc/passwd", "C:\\weights.bin"])(
    "external data outside the folder: %s",
    async (location) => {
      const folder = p1WithDecoder((model) => {
        for (const { tensor } of allTensors(model)) {
          for (const entry of tensor.externalData) if (entry.key === "location") entry.value = location;
        }
      });
      await expectRefused(folder, "onnx-external-outside", /outside\.bin|passwd|weights\.bin/);
    },
  );

  test("a weight type that is not there", async () => {
    await expect(load(copyOfP1(), "q4f16")).rejects.toMatchObject({
      code: "dtype-not-found",
      nextStep: expect.stringContaining("fp32") as string,
    });
  });

  test("a device this machine does not have", async () => {
    const folder = copyOfP1();
    const device = process.platform === "win32" ? "coreml" : "dml";
    await expect(
      createEngine().load({ modelDir: folder, device, dtype: null }, () => undefined),
    ).rejects.toMatchObject({ code: "device-not-available" });
  });
});

test("plain operators with a sliding window that the text outgrows", async () => {
  const folder = mkdtempSync(join(tmpdir(), "dexar-window-"));
  cpSync(llavaModelFolder("p1-decomposed"), folder, { recursive: true });
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as { text_config: object };
  const engine = createEngine();
  const explain = async (window: number) => {
    const changed = { ...config, text_config: { ...config.text_config, sliding_window: window } };
    rmSync(join(folder, "config.json"), { force: true });
    writeFileSync(join(folder, "config.json"), JSON.stringify(changed));
    await engine.load({ modelDir: folder, device: "cpu", dtype: "fp32" }, () => undefined);
    const imagePath = join(packRoot, "images", "portrait.png");
    const request = explainRequest({ imagePath, prompt: "<image> x", maxNewTokens: 2 });
    return engine.explain(request, () => undefined, neverAborted);
  };
  await expect(explain(100)).rejects.toMatchObject({ code: "unsupported-window" });
  expect((await explain(4096)).info.tokens).toHaveLength(2);
});

describe("a model without chat template", () => {
  const imagePath = join(packRoot, "images", "portrait.png");
  const engine = createEngine();
  const ask = async (change: object) => {
    await engine.load({ modelDir: packModel("p1") ?? "", device: "cpu", dtype: "fp32" }, () => undefined);
    return engine.explain(
      { ...explainRequest({ imagePath, prompt: "x" }), ...change },
      () => undefined,
      neverAborted,
    );
  };

  test.each([
    ["no-chat-template", { prompt: "what is it?", rawPrompt: false }],
    ["empty-prompt", { prompt: "  " }],
    ["bad-raw-prompt", { prompt: "no picture here" }],
    ["bad-raw-prompt", { prompt: "<image> and <image>" }],
    ["empty-target", { prompt: "<image> x", target: { text: "" } }],
    ["empty-target", { prompt: "<image> x", target: { text: "  " } }],
    ["bad-target", { prompt: "<image> x", target: { ids: [1, 99_999] } }],
    ["prompt-too-long", { prompt: `<image> ${"very long ".repeat(600)}` }],
    ["prompt-too-long", { prompt: "<image> x", maxNewTokens: 5000 }],
    ["image-not-found", { prompt: "<image> x", imagePath: "/no/picture.png" }],
  ])("%s (case %$)", async (code, change) => {
    await expect(ask(change)).rejects.toMatchObject({ code });
  });
});
