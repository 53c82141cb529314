"""Tiny Qwen3-VL: learned positions in the vision encoder, mRoPE interleaved, norms of queries and keys.

Its decoder adds features of inner vision layers ("deepstack") to its first layers' outputs. transformers.js gives a
decoder only inputs_embeds, and the builder's decoder has no place for them either: exports of this layout leave them
out, and so do this model and its golden values.

PYTHONPATH=tools python -m families.qwen3vl
"""

import torch
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

from .common.decoder import build_fused
from .common.tokenizer import write_json
from .qwen import PATCH, PIXELS, Recipe, randomised, text_config, token_ids, write_family, write_texts

HALF = [0.5, 0.5, 0.5]
RECIPE = Recipe(
    name="qwen3vl", processor="Qwen3VLProcessor", image_processor="Qwen2VLImageProcessorFast", pixels={"size": PIXELS},
    mean=HALF, std=HALF, grid="image_grid_thw", system=False, seed=4,
)  # fmt: skip
ROPE = {"rope_type": "default", "mrope_interleaved": True, "mrope_section": [4, 2, 2]}
# The table of positions is smaller than the grids: stretched over them.
VISION = {
    "model_type": "qwen3_vl", "depth": 1, "hidden_size": 16, "out_hidden_size": 32, "intermediate_size": 24, "num_heads": 2,
    "in_channels": 3, "patch_size": PATCH, "spatial_merge_size": 2, "temporal_patch_size": 2, "num_position_embeddings": 25,
    "deepstack_visual_indexes": [0], "hidden_act": "gelu_pytorch_tanh",
}  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    tokenizer = write_texts(RECIPE)
    text = text_config(
        tokenizer, rope_scaling=ROPE, model_type="qwen3_vl_text", head_dim=16, num_attention_heads=4, num_key_value_heads=1,
        attention_bias=False,
    )  # fmt: skip
    ids = token_ids(tokenizer)
    write_json(
        RECIPE.folder / "config.json",
        {
            "architectures": ["Qwen3VLForConditionalGeneration"], "model_type": "qwen3_vl", "text_config": text,
            "vision_config": VISION, "transformers.js_config": {"kv_cache_dtype": {"fp16": "float16", "q4f16": "float16"}},
        }
        | ids,
    )  # fmt: skip
    model = Qwen3VLForConditionalGeneration(Qwen3VLConfig(text_config=dict(text), vision_config=dict(VISION), **ids))
    randomised(model, RECIPE.seed)
    model.model.visual.deepstack_visual_indexes = []
    write_family(RECIPE, model, tokenizer, fused=lambda path: build_fused(model, RECIPE.folder, path))


if __name__ == "__main__":
    main()
