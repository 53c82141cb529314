"""Tiny LLaVA-OneVision with a Qwen 2 decoder, as transformers.js runs it: the whole picture in one grid.

PYTHONPATH=tools python -m families.llava_onevision [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from transformers import LlavaConfig, LlavaForConditionalGeneration, Qwen2ForCausalLM

from .common.chat import render
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise
from .grid import TOWER_GAINS, Features, Grid, qwen_config, siglip_config, siglip_processor, write_generation, write_grid
from .llava_interleave import PATCH, SIDE, SPECIAL, TEMPLATE
from .llava_qwen2 import PLAIN_TEMPLATE


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/llavaOnevision")
    torch.set_num_threads(1)
    # Two templates, as on the hub: the tokenizer's for text alone, the processor's for pictures.
    tokenizer = write_tokenizer(
        folder, [*SPECIAL, "<video>"], eos="<|im_end|>", tokenizer_class="Qwen2Tokenizer", chat_template=PLAIN_TEMPLATE
    )
    write_json(folder / "chat_template.json", {"chat_template": TEMPLATE})
    image_id = tokenizer.token_to_id("<image>")
    shared = {
        "image_token_index": image_id, "projector_hidden_act": "gelu", "text_config": qwen_config(tokenizer, kv_heads=1),
        "tie_word_embeddings": False, "vision_config": siglip_config(SIDE, PATCH), "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full",
    }  # fmt: skip
    write_json(
        folder / "config.json",
        shared | {
            "architectures": ["LlavaOnevisionForConditionalGeneration"], "image_grid_pinpoints": [[SIDE, SIDE], [SIDE, 2 * SIDE]],
            "model_type": "llava_onevision", "use_image_newline_parameter": True,
            "video_token_index": tokenizer.token_to_id("<video>"), "vision_aspect_ratio": "anyres_max_9",
        },
    )  # fmt: skip
    write_generation(folder, shared["text_config"])
    processor, image_settings = siglip_processor(SIDE)
    write_json(
        folder / "preprocessor_config.json",
        image_settings | {
            "do_convert_rgb": True, "do_pad": True, "image_grid_pinpoints": [[SIDE, SIDE], [SIDE, 2 * SIDE]],
            "image_processor_type": "LlavaOnevisionImageProcessor", "processor_class": "LlavaOnevisionProcessor",
        },
    )  # fmt: skip
    write_json(
        folder / "processor_config.json",
        {
            "image_token": "<image>", "num_image_tokens": (SIDE // PATCH) ** 2, "processor_class": "LlavaOnevisionProcessor",
            "video_token": "<video>", "vision_feature_select_strategy": "full",
        },
    )  # fmt: skip

    # For a picture in one grid OneVision is LLaVA: tower, projector, decoder.
    settings = LlavaConfig(**shared)
    model = LlavaForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    randomise(model, 14005, gains=TOWER_GAINS)
    language = Qwen2ForCausalLM(settings.text_config).eval()
    language.model, language.lm_head = model.model.language_model, model.lm_head
    write_grid(
        Grid(
            folder=folder, family="llava-onevision", tokenizer=tokenizer, image_token="<image>", image_id=image_id,
            stop=settings.text_config.eos_token_id, processor=processor, patch=PATCH, side=(SIDE, SIDE),
            render=lambda question: render(TEMPLATE, question),
            vision=Features(model.model.vision_tower, model.model.multi_modal_projector, -1, drop_class=False),
            language=language, whole=model,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
