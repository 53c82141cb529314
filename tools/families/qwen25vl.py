"""Tiny Qwen2.5-VL: windows in the vision encoder, mRoPE in sections.

PYTHONPATH=tools python -m families.qwen25vl
"""

import torch
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

from .common.decoder import build_fused
from .common.tokenizer import write_json
from .qwen import PATCH, PIXELS, Recipe, randomised, text_config, token_ids, write_family, write_texts

RECIPE = Recipe(
    name="qwen25vl", processor="Qwen2_5_VLProcessor", image_processor="Qwen2VLImageProcessor",
    pixels={"min_pixels": PIXELS["shortest_edge"], "max_pixels": PIXELS["longest_edge"]},
    mean=OPENAI_CLIP_MEAN, std=OPENAI_CLIP_STD, grid="image_grid_thw", system=True, seed=2,
)  # fmt: skip
ROPE = {"type": "mrope", "mrope_section": [2, 3, 3]}
# Windows of 2 x 2 tokens, which the grids do not fill; every second block looks everywhere.
VISION = {
    "depth": 2, "hidden_size": 16, "out_hidden_size": 32, "intermediate_size": 24, "num_heads": 2, "in_chans": 3,
    "patch_size": PATCH, "spatial_merge_size": 2, "spatial_patch_size": PATCH, "temporal_patch_size": 2, "window_size": 16,
    "fullatt_block_indexes": [1], "tokens_per_second": 2, "hidden_act": "silu",
}  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    tokenizer = write_texts(RECIPE)
    text = text_config(tokenizer, rope_scaling=ROPE, model_type="qwen2_5_vl_text")
    ids = token_ids(tokenizer)
    write_json(
        RECIPE.folder / "config.json",
        {
            "architectures": ["Qwen2_5_VLForConditionalGeneration"], "model_type": "qwen2_5_vl", "text_config": text,
            "vision_config": VISION, "transformers.js_config": {"kv_cache_dtype": {"fp16": "float16", "q4f16": "float16"}},
        }
        | ids,
    )  # fmt: skip
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=dict(text), vision_config=dict(VISION), **ids))
    randomised(model, RECIPE.seed)
    write_family(RECIPE, model, tokenizer, fused=lambda path: build_fused(model, RECIPE.folder, path), dtypes=("q4", "q4f16"))


if __name__ == "__main__":
    main()
