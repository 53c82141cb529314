"""Tiny Qwen3-VL: learned positions in the vision encoder, mRoPE interleaved, norms of queries and keys.

Its decoder adds features of inner vision layers ("deepstack") to the outputs of its first layers. transformers.js gives
a decoder only inputs_embeds, and the builder's decoder has no place for them: exports made with it leave them out, and
so does the fused model here. What an export for transformers.js can do is to hand them through wide rows of
inputs_embeds; the overlay `deepstack` (traced, with num_logits_to_keep) does that and is the whole model.

PYTHONPATH=tools python -m families.qwen3vl
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

from .common.decoder import NAME as DECODER
from .common.decoder import build_fused, export_decomposed
from .common.parts import export_embedding
from .common.tokenizer import write_json
from .qwen import (
    PATCH,
    PIXELS,
    Recipe,
    export_vision,
    randomised,
    text_config,
    token_ids,
    write_answers,
    write_family,
    write_texts,
)

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


class WideEmbedding(nn.Module):
    """Embeddings of text, with nothing to add to the first `layers` layers."""

    def __init__(self, embedding: nn.Module, layers: int) -> None:
        super().__init__()
        self.embedding, self.layers = embedding, layers

    def forward(self, input_ids: Tensor) -> Tensor:
        rows = self.embedding(input_ids)
        return torch.cat([rows, *[torch.zeros_like(rows)] * self.layers], -1)


class WideText(nn.Module):
    """A text model that takes what is added to the outputs of its first `layers` layers beside the embeddings."""

    def __init__(self, text: nn.Module, layers: int) -> None:
        super().__init__()
        self.text, self.layers = text, layers

    def forward(self, inputs_embeds: Tensor, **others: Any) -> Any:
        rows, *added = inputs_embeds.chunk(1 + self.layers, -1)
        hooks = [
            self.text.layers[i].register_forward_hook(lambda _, __, y, more=more: y + more) for i, more in enumerate(added)
        ]
        try:
            return self.text(inputs_embeds=rows, **others)
        finally:
            for hook in hooks:
                hook.remove()


def export_deepstack(model: Qwen3VLForConditionalGeneration, folder: Path) -> None:
    """The three graphs of the whole model."""
    text, layers = model.model.language_model, len(VISION["deepstack_visual_indexes"])
    export_vision(RECIPE, model.model.visual, folder, deepstack=True)
    export_embedding(WideEmbedding(text.embed_tokens, layers), folder)
    wide = type(text.config)(**text.config.to_dict() | {"hidden_size": text.config.hidden_size * (1 + layers)})
    export_decomposed(WideText(text, layers), model.lm_head, wide, folder / "onnx" / f"{DECODER}.onnx", positions=3, keep=True)


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
    whole = RECIPE.folder / "overlays" / "deepstack"
    export_deepstack(model, whole)
    visual = model.model.visual
    inner, visual.deepstack_visual_indexes = visual.deepstack_visual_indexes, []
    write_family(RECIPE, model, tokenizer, fused=lambda path: build_fused(model, RECIPE.folder, path), traced=False)
    visual.deepstack_visual_indexes = inner
    write_answers(RECIPE, model, tokenizer, whole, ("tall",))


if __name__ == "__main__":
    main()
