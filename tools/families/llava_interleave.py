"""Tiny LLaVA-interleave: SigLIP without a class token, all its features, a Qwen 1.5 decoder.

PYTHONPATH=tools python -m families.llava_interleave [OUT_FOLDER]
"""

import sys
from pathlib import Path

import torch
from transformers import LlavaConfig, LlavaForConditionalGeneration, Qwen2ForCausalLM

from .common.chat import render
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise
from .grid import TOWER_GAINS, Features, Grid, qwen_config, siglip_config, siglip_processor, write_generation, write_grid

SIDE, PATCH = 56, 14
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>"]
TEMPLATE = (
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + ' '}}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}{{ '<image>' }}{% endfor %}"
    "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}{{ '\\n' + content['text'] }}{% endfor %}"
    "{{'<|im_end|>'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/llavaInterleave")
    torch.set_num_threads(1)
    tokenizer = write_tokenizer(folder, SPECIAL, eos="<|im_end|>", tokenizer_class="Qwen2Tokenizer")
    write_json(folder / "chat_template.json", {"chat_template": TEMPLATE})
    image_id = tokenizer.token_to_id("<image>")
    content = {
        "architectures": ["LlavaForConditionalGeneration"], "ignore_index": -100, "image_token_index": image_id,
        "model_type": "llava", "projector_hidden_act": "gelu", "text_config": qwen_config(tokenizer, kv_heads=2),
        "tie_word_embeddings": False, "vision_config": siglip_config(SIDE, PATCH), "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full",
    }  # fmt: skip
    write_json(folder / "config.json", content)
    write_generation(folder, content["text_config"])
    settings = LlavaConfig(**content)
    processor, image_settings = siglip_processor(SIDE)
    write_json(folder / "preprocessor_config.json", image_settings | {"processor_class": "LlavaProcessor"})
    write_json(
        folder / "processor_config.json",
        {
            "image_token": "<image>", "num_additional_image_tokens": 0, "patch_size": PATCH, "processor_class": "LlavaProcessor",
            "vision_feature_select_strategy": "full",
        },
    )  # fmt: skip

    model = LlavaForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    randomise(model, 17011, gains=TOWER_GAINS)
    language = Qwen2ForCausalLM(settings.text_config).eval()
    language.model, language.lm_head = model.model.language_model, model.lm_head
    write_grid(
        Grid(
            folder=folder, family="llava", tokenizer=tokenizer, image_token="<image>", image_id=image_id,
            stop=settings.text_config.eos_token_id, processor=processor, patch=PATCH, side=(SIDE, SIDE),
            render=lambda question: render(TEMPLATE, question),
            vision=Features(model.model.vision_tower, model.model.multi_modal_projector, -1, drop_class=False),
            language=language, whole=model, pair=True,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
