"""What the recipes of one-grid families share: a vision tower's features take the place of repeated image tokens."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jinja2.sandbox import ImmutableSandboxedEnvironment
from PIL import Image
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel

from .common.decoder import NAME as DECODER
from .common.decoder import build_fused, export_decomposed
from .common.dtypes import convert
from .common.goldens import Bytes, Case, write_goldens
from .common.oracle import NAME as ORACLE
from .common.oracle import Explained, Oracle, to_float64
from .common.parts import export, export_embedding
from .common.pictures import write_pictures
from .common.tokenizer import write_json

SIZES = {"wide": (100, 60), "tall": (40, 90)}
QUESTIONS = [("wide", "What is in the picture?", " a red square"), ("tall", "Describe this image.", " the blue dog")]
HALF = [0.5, 0.5, 0.5]
# A random tower mixes its patches until none shows where a feature came from; a trained one does not.
TOWER_GAINS = {"out_proj": 0.3}

class Features(nn.Module):
    """Pixels to what stands in the image tokens' places: the hidden states of one layer of a tower, projected."""

    def __init__(self, tower: nn.Module, projector: nn.Module, layer: int, *, drop_class: bool) -> None:
        super().__init__()
        self.tower, self.projector, self.layer, self.drop_class = tower, projector, layer, drop_class

    def forward(self, pixel_values: Tensor) -> Tensor:
        seen = self.tower(pixel_values, output_hidden_states=True).hidden_states[self.layer]
        return self.projector(seen[:, 1:] if self.drop_class else seen)


class Projector(nn.Module):
    def __init__(self, width: int, hidden: int, out: int, act: nn.Module) -> None:
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(width, hidden), act, nn.Linear(hidden, out)

    def forward(self, features: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(features)))


class Merged(nn.Module):
    """A vision-language model of transformers' parts, where transformers has no class for the whole."""

    def __init__(self, vision: nn.Module, language: PreTrainedModel, image_id: int) -> None:
        super().__init__()
        self.vision, self.language, self.image_id = vision, language, image_id

    def forward(self, input_ids: Tensor, pixel_values: Tensor, use_cache: bool = False) -> Any:
        rows = self.language.get_input_embeddings()(input_ids.clamp(min=0))
        image = (input_ids == self.image_id)[..., None]
        rows = rows.masked_scatter(image, self.vision(pixel_values))
        return self.language(inputs_embeds=rows, use_cache=use_cache)


def render_plain(template: str, content: str) -> str:
    """A question for a template that takes a message's content as one text."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    messages = [{"role": "user", "content": content}]
    return environment.from_string(template).render(messages=messages, add_generation_prompt=True)


@dataclass
class Grid:
    """One family's tiny model. whole: the PyTorch model that is explained, language: its decoder as the builder knows it."""

    folder: Path
    family: str
    tokenizer: Any
    image_token: str
    image_id: int
    stop: int
    processor: Callable[..., Any]
    patch: int
    side: tuple[int, int]
    render: Callable[[str], str]
    vision: nn.Module
    language: PreTrainedModel
    whole: nn.Module
    norm: str = "norm"
    mean: list[float] = field(default_factory=lambda: HALF)
    std: list[float] = field(default_factory=lambda: HALF)
    dtypes: list[str] = field(default_factory=lambda: ["q4"])
    fused_options: dict[str, str] = field(default_factory=dict)
    adjust: Any = None
    sizes: dict[str, tuple[int, int]] = field(default_factory=lambda: SIZES)
    # The prompt with every image token, of a prompt with its placeholder and the picture's pixel values.
    expand: Callable[[str, np.ndarray], str] | None = None
    # What the PyTorch model takes beside ids and pixel values.
    arguments: Callable[[Tensor], dict[str, Any]] = lambda pixels: {}
    any_size: bool = False
    # Whether there is a case with both pictures too.
    pair: bool = False


def write_grid(grid: Grid) -> None:
    """Writes graphs and goldens; config, processor and tokenizer files are the recipe's."""
    export_vision(grid)
    text: PretrainedConfig = grid.language.config
    export_embedding(grid.language.get_input_embeddings(), grid.folder)
    convert(write_fused(grid, grid.folder), grid.dtypes, keep_float=("inputs_embeds", "logits"))
    plain = grid.folder / "overlays" / "decomposed" / "onnx" / f"{DECODER}.onnx"
    export_decomposed(grid.language.model, grid.language.lm_head, text, plain)
    write_values(grid)


def write_fused(grid: Grid, tokenizer_folder: Path) -> Path:
    decoder = grid.folder / "onnx" / f"{DECODER}.onnx"
    build_fused(grid.language, tokenizer_folder, decoder, options=grid.fused_options, adjust=grid.adjust)
    return decoder


def export_vision(grid: Grid) -> None:
    height, width = grid.side
    pixels = {2: "height", 3: "width"} if grid.any_size else {0: "batch_size"}
    features = {1: "image_tokens"} if grid.any_size else {0: "batch_size"}
    export(
        grid.vision, grid.folder / "onnx" / "vision_encoder.onnx", {"pixel_values": torch.randn(1, 3, height, width)},
        ["image_features"], {"pixel_values": pixels, "image_features": features},
    )  # fmt: skip


def write_values(grid: Grid) -> None:
    model = to_float64(grid.whole)
    for module in [model, *model.modules()]:
        if isinstance(module, PreTrainedModel):
            module.set_attn_implementation(ORACLE)
    decoder = getattr(model, "language", None) or grid.language
    core = decoder.model
    layers = list(core.layers)
    parts = Explained(layers, [layer.self_attn for layer in layers], getattr(core, grid.norm), decoder.lm_head)
    form = Bytes(grid.mean, grid.std, run=grid.side[0] * grid.side[1])
    found = cases(grid)

    def oracle_of(case: Case) -> Oracle:
        pixels = case.pixels.double()
        more = grid.arguments(pixels)
        return Oracle(model, parts, lambda ids, prompt: {"input_ids": torch.tensor([ids]), "pixel_values": pixels} | more)

    write_goldens(grid.folder, grid.family, found, oracle_of, stop={grid.stop}, form=form)
    if grid.pair:
        write_goldens(grid.folder / "pair", grid.family, [pair_of(grid, found)], oracle_of, stop={grid.stop}, form=form)


def pair_of(grid: Grid, single: list[Case]) -> Case:
    """Both pictures in one prompt, with the words of the first case."""
    first, second = single
    rendered = first.rendered.replace(grid.image_token, grid.image_token * 2)
    ids = encode(grid, rendered.replace(grid.image_token, grid.image_token * (len(first.image_positions))))
    return replace(
        first, id="pair", image="../" + first.image, rendered=rendered, ids=ids,
        image_positions=[i for i, token in enumerate(ids) if token == grid.image_id], pixels=torch.cat([first.pixels, second.pixels]),
    )  # fmt: skip


def cases(grid: Grid) -> list[Case]:
    write_pictures(grid.folder / "pictures", grid.sizes)
    found = []
    for name, question, target in QUESTIONS:
        picture = Image.open(grid.folder / "pictures" / f"{name}.png")
        pixels = np.asarray(grid.processor(picture, return_tensors="np")["pixel_values"])
        rendered = grid.render(question)
        ids = encode(grid, (grid.expand or (lambda text, given: repeat(grid, text, given)))(rendered, pixels))
        found.append(
            Case(
                id=name, image=f"pictures/{name}.png", question=question, rendered=rendered, ids=ids,
                image_positions=[i for i, token in enumerate(ids) if token == grid.image_id],
                pixels=torch.from_numpy(pixels).float(), target=grid.tokenizer.encode(target, add_special_tokens=False).ids,
            )
        )  # fmt: skip
    return found


def repeat(grid: Grid, text: str, pixels: np.ndarray) -> str:
    """One image token for each patch of the pixel values."""
    count = (pixels.shape[-2] // grid.patch) * (pixels.shape[-1] // grid.patch)
    return text.replace(grid.image_token, grid.image_token * count)


def encode(grid: Grid, text: str) -> list[int]:
    """Token ids; the tokenizer adds no beginning to a text that has it."""
    known = grid.tokenizer.token_to_id(grid.image_token)
    ids = grid.tokenizer.encode(text, add_special_tokens=not text.startswith("<s>")).ids
    return [grid.image_id if token == known else token for token in ids]


def siglip_processor(side: int) -> tuple[Callable[..., Any], dict[str, Any]]:
    """Python's image processor, and the same in preprocessor_config.json."""
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    settings = {
        "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": HALF, "image_std": HALF,
        "resample": 3, "rescale_factor": 1 / 255, "size": {"height": side, "width": side},
    }  # fmt: skip
    return SiglipImageProcessorPil(**settings), settings | {"image_processor_type": "SiglipImageProcessor"}


def clip_processor(side: int, mean: list[float], std: list[float]) -> tuple[Callable[..., Any], dict[str, Any]]:
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    settings = {
        "crop_size": {"height": side, "width": side}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True,
        "do_rescale": True, "do_resize": True, "image_mean": mean, "image_std": std, "resample": 3,
        "rescale_factor": 1 / 255, "size": {"shortest_edge": side},
    }  # fmt: skip
    return CLIPImageProcessorPil(**settings), settings | {"image_processor_type": "CLIPImageProcessor"}


def siglip_config(side: int, patch: int = 14) -> dict[str, Any]:
    return {
        "model_type": "siglip_vision_model", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": side, "patch_size": patch, "vision_use_head": False,
    }  # fmt: skip


def qwen_config(tokenizer: Any, *, kv_heads: int, bos: str = "<|endoftext|>", eos: str = "<|im_end|>") -> dict[str, Any]:
    """Qwen 1.5 (as many key-value heads as heads) and Qwen 2."""
    return {
        "model_type": "qwen2", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": kv_heads, "head_dim": 16, "vocab_size": tokenizer.get_vocab_size(), "rope_theta": 1000000.0,
        "rms_norm_eps": 1e-6, "max_position_embeddings": 256, "hidden_act": "silu", "tie_word_embeddings": False,
        "bos_token_id": tokenizer.token_to_id(bos), "eos_token_id": tokenizer.token_to_id(eos),
    }  # fmt: skip


def write_generation(folder: Path, text: PretrainedConfig | dict[str, Any]) -> None:
    known = text if isinstance(text, dict) else text.to_dict()
    bos, eos = known["bos_token_id"], known["eos_token_id"]
    write_json(folder / "generation_config.json", {"bos_token_id": bos, "eos_token_id": eos, "pad_token_id": eos})
