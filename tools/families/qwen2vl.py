"""Tiny Qwen2-VL: mRoPE in sections, grids of any size, a flat config.json as on the hub.

PYTHONPATH=tools python -m families.qwen2vl
"""

from pathlib import Path

import onnx
import torch
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2VLConfig, Qwen2VLForConditionalGeneration
from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

from .common.decoder import build_fused
from .common.tokenizer import write_json
from .qwen import PATCH, PIXELS, Recipe, randomised, text_config, token_ids, write_family, write_samples, write_texts
from .qwen_earlier import tables_in_graph

RECIPE = Recipe(
    name="qwen2vl", processor="Qwen2VLProcessor", image_processor="Qwen2VLImageProcessor",
    pixels={"min_pixels": PIXELS["shortest_edge"], "max_pixels": PIXELS["longest_edge"]},
    mean=OPENAI_CLIP_MEAN, std=OPENAI_CLIP_STD, grid="grid_thw", system=True, seed=4,
)  # fmt: skip
ROPE = {"type": "mrope", "mrope_section": [2, 3, 3]}
VISION = {
    "depth": 1, "embed_dim": 16, "hidden_size": 32, "mlp_ratio": 2, "num_heads": 2, "in_chans": 3, "patch_size": PATCH,
    "spatial_merge_size": 2, "spatial_patch_size": PATCH, "temporal_patch_size": 2, "hidden_act": "quick_gelu",
}  # fmt: skip


def main() -> None:
    torch.set_num_threads(1)
    tokenizer = write_texts(RECIPE)
    text = text_config(tokenizer, rope_scaling=ROPE)
    ids = token_ids(tokenizer)
    write_json(
        RECIPE.folder / "config.json",
        text
        | ids
        | {
            "architectures": ["Qwen2VLForConditionalGeneration"], "model_type": "qwen2_vl", "vision_config": VISION,
            "transformers.js_config": {"kv_cache_dtype": {"fp16": "float16", "q4f16": "float16"}},
        },
    )  # fmt: skip
    model = Qwen2VLForConditionalGeneration(Qwen2VLConfig(text_config=dict(text), vision_config=dict(VISION), **ids))

    def fused(path: Path) -> None:
        # The builder knows the decoder by the name of its successor, which has the same text model.
        vision = {"depth": 1, "hidden_size": 32, "out_hidden_size": 32, "intermediate_size": 32, "num_heads": 2, "patch_size": PATCH}
        same = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=dict(text), vision_config=vision, **ids))
        same.model.language_model.load_state_dict(model.model.language_model.state_dict())
        same.lm_head.load_state_dict(model.lm_head.state_dict())
        build_fused(same, RECIPE.folder, path)
        earlier = onnx.load(path)
        tables_in_graph(earlier, theta=text["rope_theta"], sections=ROPE["mrope_section"])
        target = RECIPE.folder / "overlays" / "earlier" / "onnx" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(earlier, target)

    write_samples(RECIPE.folder / "patches.json", Path("test/fixtures/llava-reference/images"))
    write_family(RECIPE, randomised(model, RECIPE.seed), tokenizer, fused=fused)


if __name__ == "__main__":
    main()
