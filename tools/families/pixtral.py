"""Tiny Mistral 3 with Pixtral's vision: pictures in their own proportions, a mark after each row of image tokens.

PYTHONPATH=tools python -m families.pixtral [OUT_FOLDER]
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import Mistral3Config, Mistral3ForConditionalGeneration, MistralForCausalLM
from transformers.models.pixtral.image_processing_pil_pixtral import PixtralImageProcessorPil

from .common.chat import render
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise
from .grid import TOWER_GAINS, Grid, write_generation, write_grid

PATCH, MERGE, LONGEST = 7, 2, 64
TOKEN = PATCH * MERGE
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
SPECIAL = ["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[IMG]", "[IMG_BREAK]", "[IMG_END]", "<pad>"]
TEMPLATE = (
    "{{- bos_token }}{%- for message in messages %}{%- if message['role'] == 'user' %}{{- '[INST]' }}"
    "{%- for block in message['content'] %}{%- if block['type'] == 'text' %}{{- block['text'] }}"
    "{%- elif block['type'] == 'image' %}{{- '[IMG]' }}{%- endif %}{%- endfor %}{{- '[/INST]' }}{%- endif %}{%- endfor %}"
)


class Vision(nn.Module):
    """Tower and projector for one picture of any size."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.tower, self.projector = model.vision_tower, model.multi_modal_projector

    def forward(self, pixel_values: Tensor) -> Tensor:
        patches = self.tower.patch_conv(pixel_values)
        rows, cols = patches.shape[2], patches.shape[3]
        seen = self.tower.ln_pre(patches.flatten(2).transpose(1, 2))
        places = torch.stack(torch.meshgrid(torch.arange(rows), torch.arange(cols), indexing="ij"), -1).reshape(-1, 2)
        rotary = self.tower.patch_positional_embedding(seen, places)
        seen = self.tower.transformer(seen, attention_mask=None, position_embeddings=rotary).last_hidden_state
        seen = self.projector.norm(seen[0])
        squares = seen.reshape(rows // MERGE, MERGE, cols // MERGE, MERGE, -1).permute(0, 2, 4, 1, 3)
        seen = self.projector.patch_merger.merging_layer(squares.flatten(2).flatten(0, 1))
        return self.projector.linear_2(self.projector.act(self.projector.linear_1(seen)))[None]


def config(tokenizer: Any) -> dict[str, Any]:
    text = {
        "model_type": "mistral", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "vocab_size": tokenizer.get_vocab_size(), "rope_theta": 1000000.0,
        "rms_norm_eps": 1e-5, "max_position_embeddings": 256, "sliding_window": None, "hidden_act": "silu",
        "bos_token_id": tokenizer.token_to_id("<s>"), "eos_token_id": tokenizer.token_to_id("</s>"),
        "tie_word_embeddings": False,
    }  # fmt: skip
    vision = {
        "model_type": "pixtral", "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "head_dim": 16, "image_size": LONGEST + TOKEN, "patch_size": PATCH, "rope_theta": 10000.0, "hidden_act": "silu",
    }  # fmt: skip
    return {
        "architectures": ["Mistral3ForConditionalGeneration"], "image_token_index": tokenizer.token_to_id("[IMG]"),
        "model_type": "mistral3", "multimodal_projector_bias": False, "projector_hidden_act": "gelu",
        "spatial_merge_size": MERGE, "text_config": text, "tie_word_embeddings": False, "vision_config": vision,
        "vision_feature_layer": -1,
    }  # fmt: skip


def expand(text: str, pixels: np.ndarray) -> str:
    """As Python's PixtralProcessor: rows of image tokens with a break between them and an end after the last."""
    rows, cols = pixels.shape[-2] // TOKEN, pixels.shape[-1] // TOKEN
    row = "[IMG]" * cols
    return text.replace("[IMG]", "[IMG_BREAK]".join([row] * rows) + "[IMG_END]")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/pixtral")
    torch.set_num_threads(1)
    tokenizer = write_tokenizer(folder, SPECIAL, bos="<s>", eos="</s>", pad="<pad>", add_bos=True, tokenizer_class="LlamaTokenizer")
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    content = config(tokenizer)
    write_json(folder / "config.json", content)
    write_generation(folder, content["text_config"])
    image_settings = {
        "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": MEAN,
        "image_std": STD, "resample": 3, "rescale_factor": 1 / 255, "size": {"longest_edge": LONGEST},
    }  # fmt: skip
    processor = PixtralImageProcessorPil(**image_settings, patch_size={"height": TOKEN, "width": TOKEN})
    # Height and width, as Pixtral's own file has its patches; the whole number stands in processor_config.json.
    kinds = {"image_processor_type": "PixtralImageProcessor", "processor_class": "PixtralProcessor"}
    write_json(folder / "preprocessor_config.json", image_settings | kinds | {"patch_size": {"height": PATCH, "width": PATCH}})
    write_json(
        folder / "processor_config.json",
        {
            "image_break_token": "[IMG_BREAK]", "image_end_token": "[IMG_END]", "image_token": "[IMG]", "patch_size": PATCH,
            "processor_class": "PixtralProcessor", "spatial_merge_size": MERGE,
        },
    )  # fmt: skip

    settings = Mistral3Config(**content)
    model = Mistral3ForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    randomise(model, 6008, gains={"vision_tower.transformer.layers.0.attention.o_proj": TOWER_GAINS["out_proj"]})
    language = MistralForCausalLM(settings.text_config).eval()
    language.model, language.lm_head = model.model.language_model, model.lm_head
    write_grid(
        Grid(
            folder=folder, family="pixtral", tokenizer=tokenizer, image_token="[IMG]", image_id=content["image_token_index"],
            stop=settings.text_config.eos_token_id, processor=processor, patch=TOKEN, side=(3 * TOKEN, 5 * TOKEN),
            render=lambda question: render(TEMPLATE, question, bos_token="<s>"), vision=Vision(model.model), language=language,
            whole=model, mean=MEAN, std=STD, sizes={"wide": (100, 60), "tall": (60, 100)}, expand=expand, any_size=True,
            arguments=lambda pixels: {"image_sizes": torch.tensor([pixels.shape[-2:]])},
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
