"""Tiny nanoLLaVA (SigLIP tower), and FastVLM around the same decoder (a convolutional tower of larger patches).

PYTHONPATH=tools python -m families.llava_qwen2 [OUT_FOLDER]
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import Qwen2Config, Qwen2ForCausalLM, SiglipVisionConfig, SiglipVisionModel

from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise
from .grid import (
    TOWER_GAINS, Features, Grid, Merged, Projector, clip_processor, export_vision, qwen_config, render_plain, siglip_config,
    siglip_processor, write_generation, write_grid, write_values,
)  # fmt: skip

SIDE, PATCH = 56, 14
FAST_SIDE, FAST_PATCH = 96, 24
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>"]
PLAIN_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nAnswer the question.<|im_end|>\\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class FastTower(nn.Module):
    """Convolutions down to one feature per patch, as FastViTHD's stages end."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, stride=4, padding=3)
        self.middle = nn.Conv2d(8, 16, 3, stride=3)
        self.last = nn.Conv2d(16, width, 2, stride=2)
        self.act = nn.GELU()
        self.projector = Projector(width, 32, 32, nn.GELU())

    def forward(self, pixel_values: Tensor) -> Tensor:
        seen = self.last(self.act(self.middle(self.act(self.stem(pixel_values)))))
        return self.projector(seen.flatten(2).transpose(1, 2))


def config(tokenizer: Any, tower: str) -> dict[str, Any]:
    """As the original LLaVA code has it: the decoder's fields at the top, the tower by name."""
    return qwen_config(tokenizer, kv_heads=2) | {
        "architectures": ["LlavaQwen2ForCausalLM"], "image_aspect_ratio": "pad", "image_token_index": tokenizer.token_to_id("<image>"),
        "mm_hidden_size": 16, "mm_projector_type": "mlp2x_gelu", "mm_vision_tower": tower, "model_type": "llava_qwen2",
        "use_mm_proj": True, "vision_config": {},
    }  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/llavaQwen2")
    torch.set_num_threads(1)
    tokenizer = write_tokenizer(
        folder, SPECIAL, eos="<|im_end|>", tokenizer_class="Qwen2Tokenizer", chat_template=PLAIN_TEMPLATE
    )
    nano_config = config(tokenizer, "google/siglip-so400m-patch14-384")
    write_json(folder / "config.json", nano_config)
    write_generation(folder, nano_config)
    processor, image_settings = siglip_processor(SIDE)
    write_json(folder / "preprocessor_config.json", image_settings)

    language = Qwen2ForCausalLM(Qwen2Config(**qwen_config(tokenizer, kv_heads=2))).eval()
    language.set_attn_implementation("eager")
    randomise(language, 2004)
    tower = SiglipVisionModel(SiglipVisionConfig(**siglip_config(SIDE, PATCH))).eval()
    nano = Features(tower, Projector(16, 32, 32, nn.GELU()), -1, drop_class=False).eval()
    randomise(nano, 2005, gains=TOWER_GAINS)
    grid = Grid(
        folder=folder, family="llava-qwen2", tokenizer=tokenizer, image_token="<image>",
        image_id=nano_config["image_token_index"], stop=nano_config["eos_token_id"], processor=processor, patch=PATCH,
        side=(SIDE, SIDE), render=lambda question: render_plain(PLAIN_TEMPLATE, f"<image>\n{question}"), vision=nano,
        language=language, whole=Merged(nano, language, nano_config["image_token_index"]),
    )  # fmt: skip
    write_grid(grid)
    write_fast(folder / "overlays" / "fastvlm", grid)


def write_fast(folder: Path, nano: Grid) -> None:
    write_json(folder / "config.json", config(nano.tokenizer, "mobileclip_l_1024"))
    processor, image_settings = clip_processor(FAST_SIDE, [0.0] * 3, [1.0] * 3)
    write_json(folder / "preprocessor_config.json", image_settings | {"processor_class": "LlavaProcessor"})
    write_json(
        folder / "processor_config.json",
        {"image_token": "<image>", "num_additional_image_tokens": 0, "patch_size": FAST_PATCH, "processor_class": "LlavaProcessor"},
    )
    vision = FastTower(32).eval()
    randomise(vision, 19006)
    fast = replace(
        nano, folder=folder, processor=processor, patch=FAST_PATCH, side=(FAST_SIDE, FAST_SIDE), vision=vision,
        whole=Merged(vision, nano.language, nano.image_id), mean=[0.0] * 3, std=[1.0] * 3,
    )  # fmt: skip
    export_vision(fast)
    write_values(fast)


if __name__ == "__main__":
    main()
