"""Tiny LFM2-VL: tiles of patches with a thumbnail, and a decoder in which short convolutions stand between attention layers.

PYTHONPATH=tools python -m families.lfm2vl [OUT_FOLDER]
"""

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from PIL import Image
from torch import Tensor, nn
from transformers import Lfm2ForCausalLM, Lfm2VlConfig, Lfm2VlForConditionalGeneration

from .common.chat import render
from .common.decoder import NAME as DECODER
from .common.decoder import build_fused
from .common.dtypes import convert
from .common.goldens import Bytes, Case, write_goldens
from .common.oracle import NAME as ORACLE
from .common.oracle import Explained, Oracle, to_float64
from .common.parts import export, export_embedding, name_dimensions
from .common.pictures import write_pictures
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise

PATCH, FACTOR, TILE = 4, 2, 32
MIN_TOKENS, MAX_TOKENS, MIN_TILES, MAX_TILES, TOLERANCE = 4, 16, 2, 4, 2.0
UNIT = PATCH * FACTOR
MAX_PATCHES = max(MAX_TOKENS * FACTOR**2, (TILE // PATCH) ** 2)
HALF = [0.5, 0.5, 0.5]
LAYERS = ["full_attention", "conv", "full_attention", "conv"]
KERNEL = 3
TEMPLATE = (
    "{{- bos_token -}}{%- for message in messages -%}{{- '<|im_start|>' + message['role'] + '\\n' -}}"
    "{%- for part in message['content'] -%}{%- if part['type'] == 'image' -%}{{- '<image>' -}}"
    "{%- else -%}{{- part['text'] -}}{%- endif -%}{%- endfor -%}{{- '<|im_end|>\\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)
BOS, EOS = "<|startoftext|>", "<|im_end|>"
SPECIAL = [BOS, "<|im_start|>", EOS, "<image>", "<|image_start|>", "<|image_end|>", "<|img_thumbnail|>"]
PLACES = [f"<|img_row_{r}_col_{c}|>" for r in (1, 2, 3) for c in (1, 2, 3)]
SIZES = {"wide": (100, 60), "small": (28, 36), "tall": (33, 95)}
QUESTIONS = [("wide", "What is in the picture?", " a red"), ("small", "Describe this image.", " the blue")]


def smart_size(height: int, width: int) -> tuple[int, int]:
    """Sides that are multiples of a token's, tokens within the budget."""
    high, wide = (max(UNIT, round(side / UNIT) * UNIT) for side in (height, width))
    if high * wide > MAX_TOKENS * UNIT**2:
        shrink = math.sqrt(height * width / (MAX_TOKENS * UNIT**2))
        return tuple(max(UNIT, math.floor(side / shrink / UNIT) * UNIT) for side in (height, width))
    if high * wide < MIN_TOKENS * UNIT**2:
        grow = math.sqrt(MIN_TOKENS * UNIT**2 / (height * width))
        return tuple(math.ceil(side * grow / UNIT) * UNIT for side in (height, width))
    return high, wide


def tile_grid(height: int, width: int) -> tuple[int, int]:
    """Columns and rows whose proportions are nearest to the picture's; 1, 1 for a picture that is not cut."""
    high, wide = (max(PATCH, round(side / UNIT) * UNIT) for side in (height, width))
    if high * wide <= MAX_TOKENS * UNIT**2 * TOLERANCE:
        return 1, 1
    ratios = {(w, h) for n in range(MIN_TILES, MAX_TILES + 1) for w in range(1, n + 1) for h in range(1, n + 1)}
    best, nearest = (1, 1), math.inf
    for w, h in sorted((r for r in ratios if MIN_TILES <= r[0] * r[1] <= MAX_TILES), key=lambda r: r[0] * r[1]):
        off = abs(width / height - w / h)
        if off < nearest or (off == nearest and width * height > 0.5 * TILE**2 * w * h):
            best, nearest = (w, h), off
    return best


def views(picture: Image.Image) -> tuple[list[Image.Image], tuple[int, int]]:
    """Tiles row by row and then the thumbnail, or the picture alone; and the grid of tiles."""
    width, height = picture.size
    cols, rows = tile_grid(height, width)
    high, wide = smart_size(height, width)
    small = picture.resize((wide, high), Image.Resampling.BILINEAR)
    if (cols, rows) == (1, 1):
        return [small], (1, 1)
    large = picture.resize((cols * TILE, rows * TILE), Image.Resampling.BILINEAR)
    boxes = [(c * TILE, r * TILE, (c + 1) * TILE, (r + 1) * TILE) for r in range(rows) for c in range(cols)]
    return [*(large.crop(box) for box in boxes), small], (cols, rows)


def patches(view: Image.Image) -> Tensor:
    """[patches, patch * patch * 3], normalised, padded with zeros."""
    pixels = (torch.from_numpy(np.array(view)).float() / 255 - 0.5) / 0.5
    rows, cols = view.height // PATCH, view.width // PATCH
    cut = pixels.reshape(rows, PATCH, cols, PATCH, 3).permute(0, 2, 1, 3, 4).reshape(rows * cols, -1)
    return torch.nn.functional.pad(cut, (0, 0, 0, MAX_PATCHES - len(cut)))


def image_inputs(picture: Image.Image) -> tuple[dict[str, Tensor], str]:
    """What the vision encoder gets, and the text that stands for the picture."""
    seen, (cols, rows) = views(picture)
    shapes = torch.tensor([[view.height // PATCH, view.width // PATCH] for view in seen])
    mask = (torch.arange(MAX_PATCHES)[None] < shapes.prod(1)[:, None]).long()
    tokens = [int((h // FACTOR) * (w // FACTOR)) for h, w in shapes]
    inside = "".join("<image>" * count for count in tokens)
    if len(seen) > 1:
        marks = [f"<|img_row_{r + 1}_col_{c + 1}|>" for r in range(rows) for c in range(cols)] + ["<|img_thumbnail|>"]
        inside = "".join(mark + "<image>" * count for mark, count in zip(marks, tokens))
    inputs = {"pixel_values": torch.stack([patches(view) for view in seen]), "pixel_attention_mask": mask, "spatial_shapes": shapes}
    return inputs, f"<|image_start|>{inside}<|image_end|>"


def config(tokenizer: Any) -> Lfm2VlConfig:
    eos = tokenizer.token_to_id(EOS)
    text = {
        "model_type": "lfm2", "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": len(LAYERS), "layer_types": LAYERS,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": tokenizer.get_vocab_size(),
        "norm_eps": 1e-5, "max_position_embeddings": 256, "block_auto_adjust_ff_dim": False, "conv_L_cache": KERNEL,
        "conv_bias": False, "bos_token_id": tokenizer.token_to_id(BOS), "eos_token_id": eos, "pad_token_id": eos,
        "tie_word_embeddings": False, "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    }  # fmt: skip
    vision = {
        "model_type": "siglip2_vision_model", "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "num_patches": 16, "patch_size": PATCH, "vision_use_head": False,
    }  # fmt: skip
    return Lfm2VlConfig(
        text_config=text, vision_config=vision, image_token_id=tokenizer.token_to_id("<image>"), projector_hidden_size=32,
        downsample_factor=FACTOR, tie_word_embeddings=False,
    )  # fmt: skip


class Vision(nn.Module):
    """Encoder and projector. The model's position embeddings are the same everywhere (see main), so that none are resized."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        tower = getattr(model.vision_tower, "vision_model", model.vision_tower)
        self.embeddings, self.encoder, self.norm = tower.embeddings, tower.encoder, tower.post_layernorm
        self.projector = model.multi_modal_projector

    def forward(self, pixel_values: Tensor, pixel_attention_mask: Tensor, spatial_shapes: Tensor) -> Tensor:
        x = self.embeddings.patch_embedding(pixel_values) + self.embeddings.position_embedding.weight[0]
        hidden = (1 - pixel_attention_mask[:, None, None].float()) * torch.finfo(torch.float32).min
        x = self.norm(self.encoder(inputs_embeds=x, attention_mask=hidden).last_hidden_state)
        # One token for two by two patches, of each view as many as it has.
        height, width = spatial_shapes[:, :1], spatial_shapes[:, 1:]
        token = torch.arange(MAX_PATCHES // FACTOR**2)[None]
        across = width // FACTOR
        corner = (token // across) * FACTOR * width + (token % across) * FACTOR
        parts = [corner + dy * width + dx for dy in range(FACTOR) for dx in range(FACTOR)]
        index = torch.stack(parts, 2).flatten(1).clamp(max=MAX_PATCHES - 1)
        merged = torch.gather(x, 1, index[..., None].expand(-1, -1, x.shape[-1])).reshape(x.shape[0], -1, FACTOR**2 * x.shape[-1])
        known = (token < (height // FACTOR) * across).flatten().nonzero().flatten()
        y = merged.flatten(0, 1)[known]
        y = self.projector.layer_norm(y) if self.projector.use_layer_norm else y
        return self.projector.linear_2(self.projector.act(self.projector.linear_1(y)))


class Decoder(nn.Module):
    """The text model with caches as inputs and outputs: keys and values of attention, the last columns of convolutions."""

    def __init__(self, text: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.text, self.head = text, head

    def forward(self, inputs_embeds: Tensor, attention_mask: Tensor, position_ids: Tensor, *caches: Tensor) -> tuple[Tensor, ...]:
        length, total = inputs_embeds.shape[1], attention_mask.shape[1]
        seen = torch.arange(total)[None] <= (torch.arange(length) + (total - length))[:, None]
        mask = torch.where(seen[None, None] & attention_mask.bool()[:, None, None], 0.0, torch.finfo(torch.float32).min)
        places = self.text.rotary_emb(inputs_embeds, position_ids=position_ids)
        left, present, x = list(caches), [], inputs_embeds
        for layer in self.text.layers:
            normed = layer.operator_norm(x)
            if layer.is_attention_layer:
                past = Past(left.pop(0), left.pop(0))
                out, _ = layer.self_attn(normed, places, mask, past_key_values=past)
                present += [past.key, past.value]
            else:
                out, state = short_convolution(layer.conv, normed, left.pop(0))
                present.append(state)
            x = x + out
            x = x + layer.feed_forward(layer.ffn_norm(x))
        return self.head(self.text.embedding_norm(x)), *present


class Past:
    def __init__(self, key: Tensor, value: Tensor) -> None:
        self.key, self.value = key, value

    def update(self, key: Tensor, value: Tensor, _: int) -> tuple[Tensor, Tensor]:
        self.key, self.value = torch.cat([self.key, key], 2), torch.cat([self.value, value], 2)
        return self.key, self.value


def short_convolution(conv: nn.Module, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """state: the last KERNEL columns, as the hub's files keep them."""
    b, c, value = conv.in_proj(x).transpose(1, 2).chunk(3, 1)
    columns = torch.cat([state, b * value], 2)
    out = torch.nn.functional.conv1d(columns, conv.conv.weight, groups=columns.shape[1])[:, :, 1:]
    return conv.out_proj((c * out).transpose(1, 2)), columns[:, :, -KERNEL:]


def cache_names() -> list[str]:
    names = []
    for layer, kind in enumerate(LAYERS):
        names += [f"conv.{layer}"] if kind == "conv" else [f"key_values.{layer}.key", f"key_values.{layer}.value"]
    return names


def export_plain(model: Lfm2VlForConditionalGeneration, path: Path) -> None:
    text, length, past = model.config.text_config, 2, 3
    inputs = {
        "inputs_embeds": torch.randn(1, length, text.hidden_size),
        "attention_mask": torch.ones(1, past + length, dtype=torch.int64),
        "position_ids": torch.arange(past, past + length)[None],
    }
    rows = {0: "batch_size", 1: "sequence_length"}
    axes: dict[str, dict[int, str]] = {name: rows for name in ("inputs_embeds", "position_ids", "logits")}
    axes["attention_mask"] = {0: "batch_size", 1: "total_sequence_length"}
    outputs = ["logits"]
    for name in cache_names():
        given, made = f"past_{name}", f"present_{name}".replace("present_key_values", "present")
        is_conv = name.startswith("conv")
        inputs[given] = torch.randn(1, text.hidden_size, KERNEL) if is_conv else torch.randn(1, text.num_key_value_heads, past, text.head_dim)
        axes[given] = {0: "batch_size"} if is_conv else {0: "batch_size", 2: "past_sequence_length"}
        axes[made] = {0: "batch_size"} if is_conv else {0: "batch_size", 2: "total_sequence_length"}
        outputs.append(made)
    export(Decoder(model.model.language_model, model.lm_head), path, inputs, outputs, axes)


def name_convolutions(graph: onnx.ModelProto) -> None:
    """The builder's names of the convolutions' states to those that transformers.js knows, with whole sizes."""
    names = {}
    for layer, kind in enumerate(LAYERS):
        if kind == "conv":
            names |= {f"past.{layer}.conv": f"past_conv.{layer}", f"present.{layer}.conv": f"present_conv.{layer}"}
            names |= {f"past_key_values.{layer}.conv_state": f"past_conv.{layer}", f"present.{layer}.conv_state": f"present_conv.{layer}"}
    for value in [*graph.graph.input, *graph.graph.output]:
        if value.name in names:
            value.name = names[value.name]
            name_dimensions(value, ["batch_size", 32, KERNEL - 1])
    for node in graph.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]


def write_graphs(folder: Path, model: Lfm2VlForConditionalGeneration) -> None:
    onnx_folder = folder / "onnx"
    sample, _ = image_inputs(Image.open(folder / "pictures" / "wide.png"))
    many = {0: "num_images"}
    export(Vision(model.model), onnx_folder / "vision_encoder.onnx", sample, ["image_features"],
           {name: many for name in (*sample, "image_features")})  # fmt: skip
    text = model.model.language_model
    export_embedding(text.embed_tokens, folder)
    export_plain(model, folder / "overlays" / "decomposed" / "onnx" / f"{DECODER}.onnx")
    causal = Lfm2ForCausalLM(model.config.text_config).eval()
    causal.model.load_state_dict(text.state_dict())
    causal.lm_head.load_state_dict(model.lm_head.state_dict())
    build_fused(causal, folder, onnx_folder / f"{DECODER}.onnx", adjust=name_convolutions)
    convert(onnx_folder / f"{DECODER}.onnx", ["q4"])


def cases(folder: Path, tokenizer: Any) -> tuple[list[Case], dict[str, dict[str, Tensor]]]:
    image_id = tokenizer.token_to_id("<image>")
    found, extra = [], {}
    for name, question, target in QUESTIONS:
        inputs, text = image_inputs(Image.open(folder / "pictures" / f"{name}.png"))
        rendered = render(TEMPLATE, question, bos_token=BOS)
        ids = tokenizer.encode(rendered.replace("<image>", text), add_special_tokens=False).ids
        extra[name] = inputs
        found.append(
            Case(
                id=name, image=f"pictures/{name}.png", question=question, rendered=rendered, ids=ids,
                image_positions=[i for i, token in enumerate(ids) if token == image_id],
                pixels=inputs["pixel_values"], target=tokenizer.encode(target, add_special_tokens=False).ids,
            )
        )  # fmt: skip
    return found, extra


def write_configs(folder: Path, settings: Lfm2VlConfig) -> None:
    text = settings.text_config
    content = settings.to_dict() | {"architectures": ["Lfm2VlForConditionalGeneration"]}
    write_json(folder / "config.json", content)
    write_json(folder / "generation_config.json", {"bos_token_id": text.bos_token_id, "eos_token_id": text.eos_token_id, "pad_token_id": text.pad_token_id})
    write_json(
        folder / "preprocessor_config.json",
        {
            "image_processor_type": "Lfm2VlImageProcessorFast", "processor_class": "Lfm2VlProcessor", "do_resize": True, "do_rescale": True,
            "do_normalize": True, "do_pad": True, "do_image_splitting": True, "image_mean": HALF, "image_std": HALF, "rescale_factor": 1 / 255,
            "resample": 2, "downsample_factor": FACTOR, "encoder_patch_size": PATCH, "tile_size": TILE, "min_tiles": MIN_TILES,
            "max_tiles": MAX_TILES, "min_image_tokens": MIN_TOKENS, "max_image_tokens": MAX_TOKENS, "use_thumbnail": True,
            "max_pixels_tolerance": TOLERANCE, "max_num_patches": MAX_PATCHES, "size": {"height": TILE, "width": TILE},
        },
    )  # fmt: skip
    write_json(folder / "processor_config.json", {"processor_class": "Lfm2VlProcessor"})


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/lfm2vl")
    torch.set_num_threads(1)
    write_pictures(folder / "pictures", {name: SIZES[name] for name, _, _ in QUESTIONS})
    tokenizer = write_tokenizer(folder, SPECIAL + PLACES, bos=BOS, eos=EOS, add_bos=True, chat_template=TEMPLATE)
    settings = config(tokenizer)
    write_configs(folder, settings)
    model = Lfm2VlForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    randomise(model, 1)
    tower = getattr(model.model.vision_tower, "vision_model", model.model.vision_tower)
    with torch.no_grad():
        # Little attention in the encoder: a place in the picture stays a place among the features.
        for layer in tower.encoder.layers:
            layer.self_attn.out_proj.weight /= 8
        tower.embeddings.position_embedding.weight[:] = tower.embeddings.position_embedding.weight[0]
    write_graphs(folder, model)

    to_float64(model).set_attn_implementation(ORACLE)
    text = model.model.language_model
    layers = [layer for layer in text.layers if layer.is_attention_layer]
    parts = Explained(layers, [layer.self_attn for layer in layers], text.embedding_norm, model.lm_head)
    found, extra = cases(folder, tokenizer)

    def oracle_of(case: Case) -> Oracle:
        images = extra[case.id] | {"pixel_values": case.pixels.double()}
        return Oracle(model, parts, lambda ids, prompt: {"input_ids": torch.tensor([ids]), **images})

    write_goldens(folder, "lfm2-vl", found, oracle_of, stop={settings.text_config.eos_token_id}, form=None)


if __name__ == "__main__":
    main()
