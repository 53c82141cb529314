"""Tiny BakLLaVA: CLIP without the class token's feature, a Mistral decoder with a sliding window.

PYTHONPATH=tools python -m families.bakllava [OUT_FOLDER]
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import torch
from transformers import LlavaConfig, LlavaForConditionalGeneration, MistralForCausalLM

from .common.chat import render
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise
from .grid import TOWER_GAINS, Features, Grid, clip_processor, write_fused, write_generation, write_grid, write_values

SIDE, PATCH = 56, 14
# What BakLLaVA has, and what the overlay has, which hides a part of the picture from the answer.
WINDOW, SHORT_WINDOW = 4096, 36
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
SPECIAL = ["<unk>", "<s>", "</s>", "<image>", "<pad>"]
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] != 'system' %}{{ message['role'].upper() + ': '}}{% endif %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>\\n' }}{% endfor %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ content['text'] + ' '}}{% endfor %}"
    "{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)


def config(tokenizer: Any, window: int) -> dict[str, Any]:
    text = {
        "model_type": "mistral", "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 16, "vocab_size": tokenizer.get_vocab_size(), "rope_theta": 10000.0,
        "rms_norm_eps": 1e-5, "max_position_embeddings": 256, "sliding_window": window, "hidden_act": "silu",
        "bos_token_id": tokenizer.token_to_id("<s>"), "eos_token_id": tokenizer.token_to_id("</s>"),
        "tie_word_embeddings": False,
    }  # fmt: skip
    vision = {
        "model_type": "clip_vision_model", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "image_size": SIDE, "patch_size": PATCH, "projection_dim": 16,
    }  # fmt: skip
    return {
        "architectures": ["LlavaForConditionalGeneration"], "ignore_index": -100,
        "image_token_index": tokenizer.token_to_id("<image>"), "model_type": "llava",
        "pad_token_id": tokenizer.token_to_id("<pad>"), "projector_hidden_act": "gelu", "text_config": text,
        "tie_word_embeddings": False, "vision_config": vision, "vision_feature_layer": -2,
        "vision_feature_select_strategy": "default",
    }  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/bakllava")
    torch.set_num_threads(1)
    tokenizer = write_tokenizer(
        folder, SPECIAL, bos="<s>", eos="</s>", pad="<pad>", add_bos=True, chat_template=TEMPLATE,
        tokenizer_class="LlamaTokenizer",
    )  # fmt: skip
    content = config(tokenizer, WINDOW)
    write_json(folder / "config.json", content)
    write_generation(folder, content["text_config"])
    processor, image_settings = clip_processor(SIDE, MEAN, STD)
    write_json(folder / "preprocessor_config.json", image_settings | {"processor_class": "LlavaProcessor"})
    write_json(
        folder / "processor_config.json",
        {
            "image_token": "<image>", "num_additional_image_tokens": 1, "patch_size": PATCH, "processor_class": "LlavaProcessor",
            "vision_feature_select_strategy": "default",
        },
    )  # fmt: skip

    write_grid(model_of(folder, tokenizer, content, processor, WINDOW))
    short = folder / "overlays" / "window"
    content = config(tokenizer, SHORT_WINDOW)
    write_json(short / "config.json", content)
    grid = replace(model_of(folder, tokenizer, content, processor, SHORT_WINDOW), folder=short)
    write_fused(grid, folder)
    write_values(grid)


def model_of(folder: Path, tokenizer: Any, content: dict[str, Any], processor: Any, window: int) -> Grid:
    settings = LlavaConfig(**content)
    model = LlavaForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    randomise(model, 22003, gains=TOWER_GAINS)
    language = MistralForCausalLM(settings.text_config).eval()
    language.model, language.lm_head = model.model.language_model, model.lm_head
    return Grid(
        folder=folder, family="llava", tokenizer=tokenizer, image_token="<image>", image_id=content["image_token_index"],
        stop=settings.text_config.eos_token_id, processor=processor, patch=PATCH, side=(SIDE, SIDE),
        render=lambda question: render(TEMPLATE, question),
        vision=Features(model.model.vision_tower, model.model.multi_modal_projector, -2, drop_class=True),
        language=language, whole=model, mean=MEAN, std=STD, fused_options={"windowed_kv_cache": "false"},
        adjust=lambda graph: set_window(graph, window),
    )  # fmt: skip


def set_window(graph: onnx.ModelProto, window: int) -> None:
    """The window in every layer's attention, where this builder leaves it out."""
    for node in graph.graph.node:
        for attribute in node.attribute:
            if attribute.name == "local_window_size":
                attribute.i = window


if __name__ == "__main__":
    main()
