"""Tiny Gemma 3: norms before the residual sums, norms of queries and keys, a sliding window in one of two layers.

PYTHONPATH=tools python -m families.gemma3 [OUT_FOLDER]

PyTorch lets the picture's tokens attend to each other both ways when it is told where they are (token_type_ids).
transformers.js gives a decoder nothing of the kind, and GroupQueryAttention is always causal, so what it can run is
causal over the picture, too; the golden values are those of PyTorch without token_type_ids. The overlay "decomposed"
has a window wider than the text, because a graph of plain operators hides it.
"""

import sys
from pathlib import Path
from typing import Any

import onnxruntime_genai
import torch
from PIL import Image
from torch import Tensor, nn
from transformers import (
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3Processor,
    PreTrainedTokenizerFast,
)
from transformers.models.gemma3.image_processing_pil_gemma3 import Gemma3ImageProcessorPil

from .common.chat import render
from .common.decoder import NAME as DECODER
from .common.decoder import build_fused, export_decomposed
from .common.dtypes import convert
from .common.goldens import Bytes, Case, write_goldens
from .common.oracle import NAME as ORACLE
from .common.oracle import Explained, Oracle, to_float64
from .common.parts import export, export_embedding
from .common.pictures import write_pictures
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import grid, randomise

SIDE, PATCH, IMAGE_TOKENS = 32, 4, 16
WINDOW, WIDE = 32, 512
HALF = [0.5, 0.5, 0.5]
QUESTIONS = [("wide", "What is in the picture?", " a red square"), ("tall", "Describe this image.", " the blue dog")]
SPECIAL = ["<pad>", "<eos>", "<bos>", "<start_of_image>", "<end_of_image>", "<image_soft_token>", "<start_of_turn>", "<end_of_turn>"]
NAMES = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
TEMPLATE = (
    "{{ bos_token }}{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}{%- set role = 'model' -%}{%- else -%}{%- set role = message['role'] -%}{%- endif -%}"
    "{{ '<start_of_turn>' + role + '\n' }}"
    "{%- for item in message['content'] -%}{%- if item['type'] == 'image' -%}{{ '<start_of_image>' }}"
    "{%- elif item['type'] == 'text' -%}{{ item['text'] | trim }}{%- endif -%}{%- endfor -%}{{ '<end_of_turn>\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<start_of_turn>model\n' }}{%- endif -%}"
)


def config(tokenizer: Any, window: int) -> Gemma3Config:
    token = tokenizer.token_to_id
    text = {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "head_dim": 16, "query_pre_attn_scalar": 16, "vocab_size": tokenizer.get_vocab_size(), "max_position_embeddings": 128,
        "sliding_window": window, "sliding_window_pattern": 2, "bos_token_id": token("<bos>"), "eos_token_id": token("<eos>"),
        "pad_token_id": token("<pad>"), "tie_word_embeddings": True,
    }  # fmt: skip
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": SIDE, "patch_size": PATCH, "vision_use_head": False,
    }  # fmt: skip
    return Gemma3Config(
        text_config=text, vision_config=vision, mm_tokens_per_image=IMAGE_TOKENS, boi_token_index=token("<start_of_image>"),
        eoi_token_index=token("<end_of_image>"), image_token_index=token("<image_soft_token>"),
        eos_token_id=[token("<eos>"), token("<end_of_turn>")],
    )  # fmt: skip


class Vision(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.model.get_image_features(pixel_values).pooler_output


def write_configs(folder: Path, settings: Gemma3Config) -> None:
    write_json(folder / "config.json", settings.to_dict() | {"architectures": ["Gemma3ForConditionalGeneration"]})
    write_json(
        folder / "preprocessor_config.json",
        {
            "do_convert_rgb": None, "do_normalize": True, "do_pan_and_scan": None, "do_rescale": True, "do_resize": True,
            "image_mean": HALF, "image_processor_type": "Gemma3ImageProcessor", "image_seq_length": IMAGE_TOKENS, "image_std": HALF,
            "pan_and_scan_max_num_crops": None, "pan_and_scan_min_crop_size": None, "pan_and_scan_min_ratio_to_activate": None,
            "processor_class": "Gemma3Processor", "resample": 2, "rescale_factor": 1 / 255, "size": {"height": SIDE, "width": SIDE},
        },
    )  # fmt: skip
    write_json(folder / "processor_config.json", {"image_seq_length": IMAGE_TOKENS, "processor_class": "Gemma3Processor"})
    text = settings.text_config
    write_json(
        folder / "generation_config.json",
        {"bos_token_id": text.bos_token_id, "eos_token_id": settings.eos_token_id, "pad_token_id": text.pad_token_id},
    )


def cases(folder: Path) -> list[Case]:
    images = Gemma3ImageProcessorPil(size={"height": SIDE, "width": SIDE}, image_mean=HALF, image_std=HALF)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), bos_token="<bos>", eos_token="<eos>", extra_special_tokens=NAMES
    )
    processor = Gemma3Processor(images, tokenizer, image_seq_length=IMAGE_TOKENS)
    found = []
    for name, question, target in QUESTIONS:
        picture = Image.open(folder / "pictures" / f"{name}.png")
        rendered = render(TEMPLATE, question, bos_token="<bos>")
        made = processor(images=picture, text=rendered, return_tensors="pt", add_special_tokens=False)
        ids = made["input_ids"][0].tolist()
        found.append(
            Case(
                id=name, image=f"pictures/{name}.png", question=question, rendered=rendered, ids=ids,
                image_positions=[i for i, token in enumerate(ids) if token == tokenizer.image_token_id],
                pixels=made["pixel_values"].float(), target=tokenizer.encode(target, add_special_tokens=False),
            )
        )  # fmt: skip
    return found


def tiny_model(settings: Gemma3Config, seed: int) -> Gemma3ForConditionalGeneration:
    model = Gemma3ForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    # Little attention between patches: what a token shows is mostly its own place.
    randomise(model, seed, gains={"out_proj": 0.3})
    with torch.no_grad():
        # Tied: weights that 4 bits hold, so that head and embedding are the same for each weight type.
        table = model.model.language_model.embed_tokens.weight
        table.copy_(grid(*table.shape, 0.5, torch.Generator().manual_seed(seed)))
    return model


def write_cases(base: Path, folder: Path, model: Gemma3ForConditionalGeneration) -> None:
    exact = Gemma3ForConditionalGeneration(model.config)
    exact.load_state_dict(model.state_dict())
    to_float64(exact).set_attn_implementation(ORACLE)
    language = exact.model.language_model
    layers = list(language.layers)
    parts = Explained(layers, [layer.self_attn for layer in layers], language.norm, exact.lm_head)

    def oracle_of(case: Case) -> Oracle:
        pixels = case.pixels.double()
        return Oracle(exact, parts, lambda ids, prompt: {"input_ids": torch.tensor([ids]), "pixel_values": pixels})

    stop = set(model.config.eos_token_id)
    write_goldens(folder, "gemma3", cases(base), oracle_of, stop=stop, form=Bytes(HALF, HALF, run=SIDE * SIDE))


def read_two_rotary_bases() -> None:
    """The builder's Gemma 3 wants the settings of older configurations: a base for all layers, one for local ones."""
    sys.path.insert(0, str(Path(onnxruntime_genai.__file__).parent / "models"))
    from builders.gemma import Gemma3Model

    collapse = Gemma3Model.make_config_init

    def make_config_init(self: Any, config: Any) -> None:
        rope = config.rope_parameters
        config.rope_theta = rope["full_attention"]["rope_theta"]
        config.rope_local_base_freq = rope["sliding_attention"]["rope_theta"]
        config.rope_parameters = {"rope_type": "default"}
        collapse(self, config)

    Gemma3Model.make_config_init = make_config_init


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/gemma3")
    torch.set_num_threads(1)
    write_pictures(folder / "pictures", {"wide": (90, 50), "tall": (40, 76)})
    tokenizer = write_tokenizer(
        folder, SPECIAL, bos="<bos>", eos="<eos>", pad="<pad>", add_bos=True,
        tokenizer_class="GemmaTokenizer", settings=NAMES,
    )  # fmt: skip
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    settings = config(tokenizer, WINDOW)
    write_configs(folder, settings)
    model = tiny_model(settings, 6)
    language = model.model.language_model
    pictures = {0: "batch_size"}
    export(
        Vision(model.model), folder / "onnx" / "vision_encoder.onnx", {"pixel_values": torch.randn(1, 3, SIDE, SIDE)},
        ["image_features"], {"pixel_values": pictures, "image_features": pictures},
    )  # fmt: skip
    export_embedding(language.embed_tokens, folder)
    causal = Gemma3ForCausalLM(settings.text_config).eval()
    causal.model.load_state_dict(language.state_dict())
    causal.tie_weights()
    read_two_rotary_bases()
    path = folder / "onnx" / f"{DECODER}.onnx"
    build_fused(causal, folder, path, options={"windowed_kv_cache": "false"})
    convert(path, ["q4"])
    write_cases(folder, folder, model)

    wide = folder / "overlays" / "decomposed"
    settings = config(tokenizer, WIDE)
    write_json(wide / "config.json", settings.to_dict() | {"architectures": ["Gemma3ForConditionalGeneration"]})
    model = tiny_model(settings, 6)
    export_decomposed(model.model.language_model, model.lm_head, settings.text_config, wide / "onnx" / f"{DECODER}.onnx")
    write_cases(folder, wide, model)


if __name__ == "__main__":
    main()
