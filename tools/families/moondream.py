"""Tiny Moondream 2: a Phi decoder, whose attention and MLP lie side by side, and an image token outside the vocabulary.

PYTHONPATH=tools python -m families.moondream [OUT_FOLDER]
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from transformers import PhiConfig, PhiForCausalLM, SiglipVisionConfig, SiglipVisionModel

from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise
from .grid import TOWER_GAINS, Features, Grid, Merged, Projector, siglip_config, siglip_processor, write_generation, write_grid

SIDE, PATCH = 56, 14
IMAGE_ID = -200
SPECIAL = ["<|endoftext|>", "<image>"]


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/moondream")
    torch.set_num_threads(1)
    tokenizer = write_tokenizer(
        folder, SPECIAL, bos="<|endoftext|>", eos="<|endoftext|>", add_bos=True, tokenizer_class="CodeGenTokenizer"
    )
    move_image_token(folder)
    end = tokenizer.token_to_id("<|endoftext|>")
    # Epsilon is what the builder writes whatever the config says.
    text = {
        "model_type": "phi", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "head_dim": 32,
        "num_key_value_heads": 2, "vocab_size": tokenizer.get_vocab_size(), "rope_theta": 10000.0, "partial_rotary_factor": 0.5,
        "layer_norm_eps": 1e-6, "max_position_embeddings": 256, "hidden_act": "gelu_new", "tie_word_embeddings": False,
        "bos_token_id": end, "eos_token_id": end,
    }  # fmt: skip
    content = {
        "architectures": ["Moondream1ForConditionalGeneration"], "image_token_index": IMAGE_ID, "model_type": "moondream1",
        "phi_config": text, "text_config": text, "vision_config": {},
    }  # fmt: skip
    write_json(folder / "config.json", content)
    write_generation(folder, text)
    processor, image_settings = siglip_processor(SIDE)
    write_json(folder / "preprocessor_config.json", image_settings)

    language = PhiForCausalLM(PhiConfig(**text)).eval()
    language.set_attn_implementation("eager")
    randomise(language, 35002)
    tower = SiglipVisionModel(SiglipVisionConfig(**siglip_config(SIDE, PATCH))).eval()
    vision = Features(tower, Projector(16, 32, 32, nn.GELU(approximate="tanh")), -1, drop_class=False).eval()
    randomise(vision, 35003, gains=TOWER_GAINS)
    write_grid(
        Grid(
            folder=folder, family="moondream", tokenizer=tokenizer, image_token="<image>", image_id=IMAGE_ID, stop=end,
            processor=processor, patch=PATCH, side=(SIDE, SIDE),
            render=lambda question: f"<image>\n\nQuestion: {question}\n\nAnswer:", vision=vision, language=language,
            whole=Merged(vision, language, IMAGE_ID), norm="final_layernorm", dtypes=["fp16", "q8", "q4", "q4f16"],
        )
    )  # fmt: skip


def move_image_token(folder: Path) -> None:
    """Gives the image token the number of the original LLaVA code, which no vocabulary has."""
    for name in ("tokenizer.json", "tokenizer_config.json"):
        path = folder / name
        content = json.loads(path.read_text())
        if name == "tokenizer.json":
            next(t for t in content["added_tokens"] if t["content"] == "<image>")["id"] = IMAGE_ID
        else:
            added = content["added_tokens_decoder"]
            content["added_tokens_decoder"] = {str(IMAGE_ID) if v["content"] == "<image>" else k: v for k, v in added.items()}
        path.write_text(json.dumps(content, indent=None if name == "tokenizer.json" else 2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
