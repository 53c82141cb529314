import { PreTrainedTokenizer } from "@huggingface/transformers";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { LoadedVlm } from "../../src/runtime/model/loadModel.js";
import { promptTokens } from "../../src/runtime/answer/promptTokens.js";
import { renderPrompt } from "../../src/runtime/answer/renderPrompt.js";
import { explainRequest } from "./explainRequest.js";

type Json = Record<string, unknown>;

const FOLDERS = [
  "models",
  "test/fixtures/llava-reference/models",
  "../shared/fixtures/llava-reference/models",
];

/** Folders of this checkout (and beside it) that hold a tokenizer; of equal ones the first. */
export function tokenizerFolders(): string[] {
  const folders = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .map((name) => path.join(folder, name))
      .filter((model) => existsSync(path.join(model, "tokenizer.json"))),
  );
  const contents = folders.map((folder) => readFileSync(path.join(folder, "tokenizer.json"), "utf8"));
  return folders.filter((_, index) => contents.indexOf(contents[index] ?? "") === index);
}

/** The tokenizer of a model folder, changed if asked. */
export function readTokenizer(
  folder: string,
  change: (json: Json, config: Json) => void = () => undefined,
): PreTrainedTokenizer {
  const [json, config] = ["tokenizer.json", "tokenizer_config.json"].map(
    (name) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Json,
  ) as [Json, Json];
  change(json, config);
  return new PreTrainedTokenizer(json, config);
}

/** A tokenizer of bytes as GPT-2, Llama 3 and Qwen have it: every byte, and a few words of English. */
export function byteLevelTokenizer(normalizer: Json | null): PreTrainedTokenizer {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
  let next = 256;
  const symbols = Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(printable(byte) ? byte : next++),
  );
  const merges = ["t h", "Ġ t", "Ġt h", "Ġth e", "u s", "us e", "use r", "Ġ user", "Ċ Ċ", "Ġ Ġ", "ð Ł"];
  const special = ["<s>", "</s>", "<image>", "<|im_start|>", "<|im_end|>"];
  const words = [...symbols, ...merges.map((pair) => pair.replace(" ", ""))];
  const json = {
    version: "1.0",
    added_tokens: special.map((content, id) => ({
      id,
      content,
      special: true,
      normalized: false,
      single_word: false,
      lstrip: false,
      rstrip: false,
    })),
    normalizer,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      byte_fallback: false,
      vocab: Object.fromEntries([...special, ...words].map((piece, id) => [piece, id])),
      merges,
    },
  };
  return new PreTrainedTokenizer(json, { tokenizer_class: "PreTrainedTokenizerFast" });
}

/** Every position of a prompt as its model would get it: the picture is three tokens. */
export function tokenised(
  tokenizer: PreTrainedTokenizer,
  template: string | null,
  prompt: string,
): ReturnType<typeof promptTokens> & { ids: number[]; rendered: string } {
  const image = "<image>";
  const [imageToken = -1] = tokenizer.encode(image, { add_special_tokens: false });
  const vlm = {
    name: "test",
    imageToken: { id: imageToken, text: image },
    placeholder: image,
    family: {},
    processor: {
      tokenizer,
      chat_template: template,
      apply_chat_template: (messages: never, options: object) =>
        tokenizer.apply_chat_template(messages, { ...options, chat_template: template }),
    },
  } as unknown as LoadedVlm;
  const { rendered, around } = renderPrompt(
    vlm,
    explainRequest({ imagePath: "", prompt, rawPrompt: template === null }),
  );
  const bos = tokenizer.bos_token;
  const ids = tokenizer.encode(rendered.replace(image, image.repeat(3)), {
    add_special_tokens: !(bos && rendered.startsWith(bos)),
  });
  return { ...promptTokens(tokenizer, { text: prompt, rendered, around, ids, imageToken }), ids, rendered };
}
