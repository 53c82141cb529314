"""Tiny Phi-3.5-vision: tiles of 336 pixels as the real one's, separators, negative ids, two rotary scales under an If.

PYTHONPATH=tools python -m families.phi3v [OUT_FOLDER]

Its Python code is no part of transformers: the vision part and the processor are written here after the model's own
(modeling_phi3_v.py, image_processing_phi3_v.py of Microsoft's repository). Pixel values of the golden cases are noise,
because those of pictures would be two megabytes; what the processor makes of pictures is in hd.json.
"""

import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from transformers import CLIPVisionConfig, CLIPVisionModel, Phi3Config, Phi3ForCausalLM

from .common.decoder import build_fused
from .common.dtypes import convert
from .common.goldens import Case, Noise, write_goldens
from .common.oracle import NAME as ORACLE
from .common.oracle import Explained, Oracle, to_float64
from .common.parts import export
from .common.pictures import write_pictures
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise

TILE, ACROSS, CROPS, WIDTH = 336, 12, 4, 32
SPECIAL = ["<s>", "<|endoftext|>", "<|assistant|>", "<|end|>", "<|user|>", "<|image|>"]
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
TEMPLATE = (
    "{% for message in messages %}{{'<|' + message['role'] + '|>' + '\n' + message['content'] + '<|end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt and messages[-1]['role'] != 'assistant' %}{{- '<|assistant|>\n' -}}{% endif %}"
)
CASES = [("wide", (96, 48), "What is it?", " a dog"), ("tall", (40, 80), "Where?", " a sign")]
SAMPLES = [("wide", (96, 48), 4), ("tall", (40, 80), 4), ("long", (150, 40), 16), ("high", (50, 90), 16), ("square", (64, 60), 16)]


def config(tokenizer: Any) -> Phi3Config:
    half = WIDTH // 4
    rope = {
        "rope_type": "longrope", "type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": 512,
        "short_factor": [1.0 + 0.02 * i for i in range(half)], "long_factor": [1.0 + 0.5 * i for i in range(half)],
    }  # fmt: skip
    return Phi3Config(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=WIDTH, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=832, original_max_position_embeddings=512, rope_parameters=rope,
        rms_norm_eps=1e-5, bos_token_id=tokenizer.token_to_id("<s>"), eos_token_id=tokenizer.token_to_id("<|endoftext|>"),
        pad_token_id=tokenizer.token_to_id("<|endoftext|>"), tie_word_embeddings=False, sliding_window=None,
    )  # fmt: skip


class Vision(nn.Module):
    """CLIP's last layer but one, 2 x 2 patches merged, a separator after each row and between tiles and whole."""

    def __init__(self) -> None:
        super().__init__()
        clip = CLIPVisionConfig(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2, image_size=TILE, patch_size=14)
        self.clip = CLIPVisionModel(clip)
        self.sub_gn, self.glb_gn = nn.Parameter(torch.zeros(1, 64)), nn.Parameter(torch.zeros(1, 64))
        self.up, self.down = nn.Linear(64, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, pixel_values: Tensor, image_sizes: Tensor) -> Tensor:
        patches = self.clip(pixel_values[0], output_hidden_states=True).hidden_states[-2][:, 1:]
        merged = patches.reshape(-1, ACROSS, 2, ACROSS, 2, 16).permute(0, 1, 3, 2, 4, 5).reshape(-1, 64)
        count = merged.shape[0]
        table = torch.cat([merged, self.sub_gn, self.glb_gn])
        rows, cols = image_sizes[0, 0] // TILE, image_sizes[0, 1] // TILE
        tiles = self.places(rows, cols, count) + ACROSS**2
        separator = torch.full_like(tiles[:, :1], count)
        between = torch.full_like(tiles[:1, 0], count + 1)
        one = torch.ones_like(rows)
        whole = self.places(one, one, count)
        tokens = torch.cat(
            [torch.cat([tiles, separator], 1).reshape(-1), between, torch.cat([whole, separator[:ACROSS]], 1).reshape(-1)]
        )
        return self.down(nn.functional.gelu(self.up(table[tokens])))

    @staticmethod
    def places(rows: Tensor, cols: Tensor, _: int) -> Tensor:
        """Where the tokens of rows x cols tiles are among those of the tiles one after another."""
        row, col = torch.arange(rows * ACROSS)[:, None], torch.arange(cols * ACROSS)[None]
        tile = torch.div(row, ACROSS, rounding_mode="floor") * cols + torch.div(col, ACROSS, rounding_mode="floor")
        return tile * ACROSS**2 + row % ACROSS * ACROSS + col % ACROSS


class Embeddings(nn.Module):
    """Token embeddings, the picture's features in place of negative ids."""

    def __init__(self, table: nn.Module) -> None:
        super().__init__()
        self.table = table

    def forward(self, input_ids: Tensor, image_features: Tensor) -> Tensor:
        image = input_ids < 0
        # A step after the prompt brings no features: one row of zeros is always there.
        features = torch.cat([image_features, torch.zeros_like(self.table.weight[:1])])
        order = torch.where(image, image.to(torch.int64).cumsum(1) - 1, 0)
        return torch.where(image[..., None], features[order], self.table(input_ids.clamp(min=0)))


class Phi3V(nn.Module):
    def __init__(self, settings: Phi3Config) -> None:
        super().__init__()
        self.vision, self.language = Vision(), Phi3ForCausalLM(settings)
        self.embeddings = Embeddings(self.language.model.embed_tokens)

    def forward(self, input_ids: Tensor, pixel_values: Tensor, image_sizes: Tensor, use_cache: bool) -> Any:
        embeds = self.embeddings(input_ids, self.vision(pixel_values, image_sizes))
        return SimpleNamespace(logits=self.language(inputs_embeds=embeds, use_cache=use_cache).logits)


def hd_size(width: int, height: int, crops: int) -> tuple[int, int]:
    """Size of the resized picture by the model's own HD_transform."""
    if width < height:
        h, w = hd_size(height, width, crops)
        return w, h
    ratio, scale = width / height, 1
    while scale * math.ceil(scale / ratio) <= crops:
        scale += 1
    scale -= 1
    return scale * TILE, int(scale * TILE / ratio)


def hd_transform(picture: Image.Image, crops: int) -> tuple[np.ndarray, tuple[int, int]]:
    """pixel_values [1 + crops, 3, 336, 336] and the canvas' height and width."""
    flip = picture.width < picture.height
    upright = picture.transpose(Image.Transpose.TRANSPOSE) if flip else picture
    resized = upright.resize(hd_size(*upright.size, crops), Image.Resampling.BILINEAR)
    height = math.ceil(resized.height / TILE) * TILE
    canvas = Image.new("RGB", (resized.width, height), (255, 255, 255))
    canvas.paste(resized, (0, (height - resized.height) // 2))
    canvas = canvas.transpose(Image.Transpose.TRANSPOSE) if flip else canvas
    values = torch.from_numpy((np.asarray(canvas, np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)).permute(2, 0, 1)
    whole = nn.functional.interpolate(values[None].float(), size=(TILE, TILE), mode="bicubic")
    rows, cols = canvas.height // TILE, canvas.width // TILE
    tiles = values.reshape(3, rows, TILE, cols, TILE).permute(1, 3, 0, 2, 4).reshape(-1, 3, TILE, TILE)
    empty = torch.zeros(crops - len(tiles), 3, TILE, TILE)
    return torch.cat([whole, tiles, empty]).numpy(), (canvas.height, canvas.width)


def samples(folder: Path) -> list[dict[str, Any]]:
    """What the processor makes of pictures: some of the values, and the mean of each tile."""
    found = []
    for name, _, crops in SAMPLES:
        picture = Image.open(folder / "pictures" / f"{name}.png").convert("RGB")
        values, size = hd_transform(picture, crops)
        stride = values.size // 211
        found.append(
            {
                "picture": f"pictures/{name}.png", "crops": crops, "size": list(size), "stride": stride,
                "values": [round(float(v), 5) for v in values.ravel()[::stride]],
                "means": [round(float(tile.mean()), 5) for tile in values],
            }
        )  # fmt: skip
    return found


def cases(tokenizer: Any) -> tuple[list[Case], dict[str, Tensor]]:
    image_id = tokenizer.token_to_id("<|image|>")
    found, sizes = [], {}
    for name, (width, height), question, target in CASES:
        w, h = hd_size(width, height, CROPS)
        rows, cols = math.ceil(h / TILE), math.ceil(w / TILE)
        count = (rows * cols + 1) * ACROSS**2 + 1 + (rows + 1) * ACROSS
        rendered = f"<|user|>\n<|image_1|>\n{question}<|end|>\n<|assistant|>\n"
        ids = tokenizer.encode(rendered.replace("<|image_1|>", "<|image|>" * count)).ids
        sizes[name] = torch.tensor([[rows * TILE, cols * TILE]])
        found.append(
            Case(
                id=name, image=f"pictures/{name}.png", question=question, rendered=rendered,
                ids=[-token if token == image_id else token for token in ids],
                image_positions=[i for i, token in enumerate(ids) if token == image_id],
                pixels=Noise().values((1, 1 + CROPS, 3, TILE, TILE)),
                target=tokenizer.encode(target, add_special_tokens=False).ids,
            )
        )  # fmt: skip
    return found, sizes


def tiny_model(settings: Phi3Config, seed: int) -> Phi3V:
    model = Phi3V(settings).eval()
    model.language.set_attn_implementation("eager")
    model.vision.clip.set_attn_implementation("eager")
    # Little attention between patches: what a token shows is mostly its own place.
    randomise(model, seed, gains={"out_proj": 0.3})
    return model


def oracles(model: Phi3V, sizes: dict[str, Tensor]) -> Any:
    to_float64(model)
    model.language.set_attn_implementation(ORACLE)
    text = model.language.model
    parts = Explained(list(text.layers), [layer.self_attn for layer in text.layers], text.norm, model.language.lm_head)

    def oracle_of(case: Case) -> Oracle:
        fixed = {"pixel_values": case.pixels.double(), "image_sizes": sizes[case.id]}
        return Oracle(model, parts, lambda ids, prompt: {"input_ids": torch.tensor([ids])} | fixed)

    return oracle_of


def write_configs(folder: Path, settings: Phi3Config) -> None:
    content = settings.to_dict() | {
        "model_type": "phi3_v", "architectures": ["Phi3VForCausalLM"],
        "embd_layer": {
            "embedding_cls": "image", "hd_transform_order": "sub_glb", "projection_cls": "mlp", "use_hd_transform": True,
            "with_learnable_separator": True,
        },
        "img_processor": {"image_dim_out": 16, "model_name": "openai/clip-vit-large-patch14-336", "name": "clip_vision_model", "num_img_tokens": 144},
    }  # fmt: skip
    write_json(folder / "config.json", content)
    write_json(
        folder / "preprocessor_config.json",
        {
            "do_convert_rgb": True, "image_mean": MEAN, "image_processor_type": "Phi3VImageProcessor", "image_std": STD,
            "num_crops": CROPS, "num_img_tokens": 144, "processor_class": "Phi3VProcessor",
        },
    )  # fmt: skip
    write_json(folder / "generation_config.json", {"bos_token_id": settings.bos_token_id, "eos_token_id": settings.eos_token_id})


def write_parts(folder: Path, model: Phi3V) -> None:
    tiles = {0: "num_images", 1: "num_crops"}
    export(
        model.vision, folder / "onnx" / "vision_encoder.onnx",
        {"pixel_values": torch.randn(1, 1 + CROPS, 3, TILE, TILE), "image_sizes": torch.tensor([[TILE, 2 * TILE]])},
        ["image_features"], {"pixel_values": tiles, "image_sizes": {0: "num_images"}, "image_features": {0: "num_tokens"}},
    )  # fmt: skip
    batch = {0: "batch_size", 1: "sequence_length"}
    export(
        model.embeddings, folder / "onnx" / "prepare_inputs_embeds.onnx",
        {"input_ids": torch.tensor([[1, -3, -3, 2]]), "image_features": torch.randn(2, WIDTH)},
        ["inputs_embeds"], {"input_ids": batch, "image_features": {0: "num_tokens"}, "inputs_embeds": batch},
    )  # fmt: skip
    build_fused(model.language, folder, folder / "onnx" / "model.onnx")
    convert(folder / "onnx" / "model.onnx", ["q4"])


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/phi3v")
    torch.set_num_threads(1)
    write_pictures(folder / "pictures", {name: size for name, size, _ in SAMPLES})
    tokenizer = write_tokenizer(folder, SPECIAL, bos="<s>", eos="<|endoftext|>", chat_template=TEMPLATE, tokenizer_class="LlamaTokenizer")
    settings = config(tokenizer)
    write_configs(folder, settings)
    write_json(folder / "hd.json", {"samples": samples(folder)})
    model = tiny_model(settings, 3)
    write_parts(folder, model)
    found, sizes = cases(tokenizer)
    write_goldens(folder, "phi3v", found, oracles(model, sizes), stop={settings.eos_token_id}, form=Noise(), most=4)


if __name__ == "__main__":
    main()
