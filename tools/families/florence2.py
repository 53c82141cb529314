"""Tiny Florence-2: a DaViT, a BART encoder and a BART decoder merged out of two (optimum's layout of the hub's files).

PYTHONPATH=tools python -m families.florence2 [OUT_FOLDER]
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from PIL import Image
from tokenizers import Tokenizer, processors
from torch import Tensor, nn
from transformers import DynamicCache, EncoderDecoderCache, Florence2Config, Florence2ForConditionalGeneration

from .common.decoder import NAME as DECODER
from .common.dtypes import convert
from .common.goldens import Bytes, Case, write_goldens
from .common.merge import merge_decoders
from .common.oracle import NAME as ORACLE
from .common.oracle import Explained, Oracle, to_float64
from .common.parts import export, export_embedding, shorten
from .common.pictures import write_pictures
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise

SIDE, STRIDE = 64, 8
GRID = SIDE // STRIDE
IMAGE_TOKENS = 1 + GRID * GRID
LAYERS, HEADS, WIDTH = 2, 4, 32
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
PLACES = [f"<loc_{i}>" for i in range(4)]
WITHOUT_INPUT = {
    "<CAPTION>": "What does the image describe?",
    "<DETAILED_CAPTION>": "Describe in detail what is shown in the image.",
    "<OD>": "Locate the objects with category name in the image.",
}
WITH_INPUT = {"<CAPTION_TO_PHRASE_GROUNDING>": "Locate the phrases in the caption: {input}"}
# Picture, what the user asks, what the encoder reads, and the forced answer.
QUESTIONS = [
    ("wide", "<CAPTION>", "What does the image describe?", " a red square"),
    ("tall", "<CAPTION_TO_PHRASE_GROUNDING>the blue dog", "Locate the phrases in the caption: the blue dog", " the dog<loc_1><loc_3>"),
]


def config(tokenizer: Tokenizer) -> Florence2Config:
    of = tokenizer.token_to_id
    text = {
        "model_type": "bart", "vocab_size": tokenizer.get_vocab_size() + 1, "d_model": WIDTH, "encoder_layers": 1, "decoder_layers": LAYERS,
        "encoder_attention_heads": HEADS, "decoder_attention_heads": HEADS, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
        "max_position_embeddings": 160, "activation_function": "gelu", "scale_embedding": False, "bos_token_id": of("<s>"),
        "pad_token_id": of("<pad>"), "eos_token_id": of("</s>"), "decoder_start_token_id": of("</s>"), "is_encoder_decoder": True,
        "forced_eos_token_id": None,
    }  # fmt: skip
    vision = {
        "depths": [1], "patch_size": [STRIDE], "patch_stride": [STRIDE], "patch_padding": [0], "patch_prenorm": [False],
        "embed_dim": [WIDTH], "num_heads": [2], "num_groups": [2], "window_size": 4, "projection_dim": WIDTH,
        "max_position_embeddings": 16, "max_temporal_embeddings": 4, "drop_path_rate": 0.0, "mlp_ratio": 1.0,
    }  # fmt: skip
    return Florence2Config(text_config=text, vision_config=vision, image_token_id=tokenizer.get_vocab_size(), tie_word_embeddings=False)


def tokenizer_of(folder: Path) -> Tokenizer:
    """BART's: the text between <s> and </s>."""
    tokenizer = write_tokenizer(folder, SPECIAL + PLACES, bos="<s>", eos="</s>", pad="<pad>", tokenizer_class="BartTokenizer")
    ends = [(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=ends)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    return tokenizer


def write_configs(folder: Path, settings: Florence2Config) -> None:
    text, vision = settings.text_config.to_dict(), settings.vision_config.to_dict()
    kept = ("vocab_size", "d_model", "encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads", "encoder_ffn_dim",
            "decoder_ffn_dim", "max_position_embeddings", "activation_function", "scale_embedding", "bos_token_id", "pad_token_id",
            "eos_token_id", "decoder_start_token_id", "is_encoder_decoder")  # fmt: skip
    start = text["decoder_start_token_id"]
    ids = {name: text[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    write_json(folder / "config.json", ids | {
        "architectures": ["Florence2ForConditionalGeneration"], "model_type": "florence2", "is_encoder_decoder": True,
        "projection_dim": WIDTH, "vocab_size": settings.image_token_id, "decoder_start_token_id": start,
        "text_config": {"model_type": "florence2_language", "num_hidden_layers": LAYERS} | {name: text[name] for name in kept} | {"vocab_size": settings.image_token_id},
        "vision_config": {
            "model_type": "davit", "image_feature_source": ["spatial_avg_pool", "temporal_avg_pool"], "dim_embed": vision["embed_dim"],
            "patch_stride": vision["patch_stride"], "projection_dim": WIDTH, "window_size": vision["window_size"],
        },
    })  # fmt: skip
    write_json(folder / "generation_config.json", ids | {"decoder_start_token_id": start})
    size = {"height": SIDE, "width": SIDE}
    write_json(folder / "preprocessor_config.json", {
        "crop_size": size, "do_center_crop": False, "do_convert_rgb": None, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_mean": MEAN, "image_std": STD, "image_processor_type": "CLIPImageProcessor", "image_seq_length": IMAGE_TOKENS,
        "processor_class": "Florence2Processor", "resample": 3, "rescale_factor": 1 / 255, "size": size,
        "task_prompts_without_inputs": WITHOUT_INPUT, "task_prompts_with_input": WITH_INPUT,
        "tasks_answer_post_processing_type": {"<CAPTION>": "pure_text", "<OD>": "description_with_bboxes"},
    })  # fmt: skip


class Vision(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.model.get_image_features(pixel_values).pooler_output


class Encoder(nn.Module):
    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, attention_mask: Tensor, inputs_embeds: Tensor) -> Tensor:
        y = inputs_embeds + positions(self.encoder, 0, inputs_embeds.shape[1])
        y = self.encoder.layernorm_embedding(y)
        for layer in self.encoder.layers:
            y = layer(y, attention_mask=given(attention_mask))
        return y


class Decoder(nn.Module):
    """past: self.key, self.value, cross.key, cross.value of each layer; none: the first step, which computes them."""

    def __init__(self, decoder: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.decoder, self.head = decoder, head

    def forward(self, encoder_attention_mask: Tensor, inputs_embeds: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        states, past = (rest[0], ()) if len(rest) == 1 else (None, rest)
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        for layer in range(len(past) // 4):
            own_key, own_value, key, value = past[4 * layer : 4 * layer + 4]
            cache.self_attention_cache.update(own_key, own_value, layer)
            cache.cross_attention_cache.update(key, value, layer)
            cache.is_updated[layer] = True
        length, before = inputs_embeds.shape[1], past[0].shape[2] if past else 0
        # The second decoder takes one position at a time, and needs no mask.
        rows = torch.arange(length)
        causal = None if past else torch.where(rows[None] <= rows[:, None], 0.0, torch.finfo(torch.float32).min)[None, None]
        y = self.decoder.layernorm_embedding(inputs_embeds + positions(self.decoder, before, length))
        # Any tensor will do in place of the encoder's states: keys and values are in the cache.
        source = inputs_embeds if states is None else states
        for layer in self.decoder.layers:
            y = layer(y, attention_mask=causal, encoder_hidden_states=source, encoder_attention_mask=given(encoder_attention_mask),
                      past_key_values=cache)  # fmt: skip
        logits = self.head(y)
        own, cross = cache.self_attention_cache.layers, cache.cross_attention_cache.layers
        if past:
            return logits, *(t for layer in own for t in (layer.keys, layer.values))
        return logits, *(t for a, b in zip(own, cross, strict=True) for t in (a.keys, a.values, b.keys, b.values))


def positions(part: nn.Module, before: Any, length: Any) -> Tensor:
    return part.embed_positions(None, position_ids=torch.arange(length) + before)


def given(mask: Tensor) -> Tensor:
    return torch.where(mask.bool()[:, None, None], 0.0, torch.finfo(torch.float32).min)


def export_decoder(model: Florence2ForConditionalGeneration, path: Path) -> None:
    decoder = Decoder(model.model.language_model.decoder, model.lm_head)
    size, length, past = WIDTH // HEADS, IMAGE_TOKENS + 5, 3
    kinds = [f"{side}.{kind}" for side in ("decoder", "encoder") for kind in ("key", "value")]
    every = [f"{n}.{kind}" for n in range(LAYERS) for kind in kinds]
    own = [name for name in every if ".decoder." in name]
    mask = {"encoder_attention_mask": torch.ones(1, length, dtype=torch.int64)}
    axes: dict[str, dict[int, str]] = {
        "encoder_attention_mask": {0: "batch_size", 1: "encoder_sequence_length"}, "inputs_embeds": {0: "batch_size", 1: "decoder_sequence_length"},
        "encoder_hidden_states": {0: "batch_size", 1: "encoder_sequence_length"}, "logits": {0: "batch_size", 1: "decoder_sequence_length"},
    }  # fmt: skip
    for name in every:
        side = "encoder_sequence_length" if ".encoder." in name else "past_decoder_sequence_length"
        axes[f"past_key_values.{name}"] = {0: "batch_size", 2: side}
        axes[f"present.{name}"] = {0: "batch_size", 2: f"{side}_out"}
    with tempfile.TemporaryDirectory() as work:
        first, cached = Path(work) / "decoder_model.onnx", Path(work) / "decoder_with_past_model.onnx"
        inputs = mask | {"inputs_embeds": torch.randn(1, 2, WIDTH), "encoder_hidden_states": torch.randn(1, length, WIDTH)}
        outputs = ["logits", *(f"present.{name}" for name in every)]
        export(decoder, first, inputs, outputs, {n: a for n, a in axes.items() if n in inputs or n in outputs})
        inputs = mask | {"inputs_embeds": torch.randn(1, 1, WIDTH)}
        inputs |= {f"past_key_values.{n}": torch.randn(1, HEADS, past if ".decoder." in n else length, size) for n in every}
        outputs = ["logits", *(f"present.{name}" for name in own)]
        export(decoder, cached, inputs, outputs, {n: a for n, a in axes.items() if n in inputs or n in outputs})
        shorten(first)
        shorten(cached)
        merge_decoders(first, cached, path)
        for part in (first, cached):
            graph = onnx.load(part).graph
            # The hub's half-precision files of this family keep float32 for all that goes in and out.
            convert(part, ["fp16"], keep_float=tuple(value.name for value in [*graph.input, *graph.output]))
        first, cached = (part.with_name(f"{part.stem}_fp16.onnx") for part in (first, cached))
        merge_decoders(first, cached, path.with_name(f"{path.stem}_fp16.onnx"))


def pixels_of(picture: Image.Image) -> Tensor:
    resized = np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC), dtype=np.float32)
    return torch.from_numpy((resized / 255 - np.float32(MEAN)) / np.float32(STD)).permute(2, 0, 1)[None].contiguous()


def cases(folder: Path, tokenizer: Tokenizer, image_id: int) -> list[Case]:
    found = []
    for name, question, text, target in QUESTIONS:
        ids = [image_id] * IMAGE_TOKENS + tokenizer.encode(text).ids
        found.append(
            Case(
                id=name, image=f"pictures/{name}.png", question=question, rendered=f"<image>{text}", ids=ids,
                image_positions=list(range(IMAGE_TOKENS)), pixels=pixels_of(Image.open(folder / "pictures" / f"{name}.png")),
                target=tokenizer.encode(target, add_special_tokens=False).ids,
            )
        )  # fmt: skip
    return found


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/florence2")
    torch.set_num_threads(1)
    write_pictures(folder / "pictures", {"wide": (100, 60), "tall": (40, 90)})
    tokenizer = tokenizer_of(folder)
    settings = config(tokenizer)
    write_configs(folder, settings)
    model = Florence2ForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    # The picture's patches mix little, so that each token shows its own place.
    gains = {"window_attn.proj": 0.1, "channel_attn.proj": 0.1, "encoder_attn.out_proj": 3.0, "encoder_attn.q_proj": 3.0, "lm_head": 3.0}
    randomise(model, 11, gains=gains)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(("conv1.weight", "conv2.weight")):
                parameter.mul_(0.125)
    export(
        Vision(model.model), folder / "onnx" / "vision_encoder.onnx", {"pixel_values": torch.randn(1, 3, SIDE, SIDE)}, ["image_features"],
        {"pixel_values": {0: "batch_size"}, "image_features": {0: "batch_size"}},
    )  # fmt: skip
    language = model.model.language_model
    export_embedding(language.encoder.embed_tokens, folder)
    batch = {0: "batch_size", 1: "encoder_sequence_length"}
    length = IMAGE_TOKENS + 5
    export(
        Encoder(language.encoder), folder / "onnx" / "encoder_model.onnx",
        {"attention_mask": torch.ones(1, length, dtype=torch.int64), "inputs_embeds": torch.randn(1, length, WIDTH)},
        ["last_hidden_state"], {"attention_mask": batch, "inputs_embeds": batch, "last_hidden_state": batch},
    )  # fmt: skip
    for name in ("vision_encoder", "encoder_model"):
        shorten(folder / "onnx" / f"{name}.onnx")
    decoder = folder / "onnx" / f"{DECODER}.onnx"
    export_decoder(model, decoder)
    convert(decoder, ["q4"])

    to_float64(model).set_attn_implementation(ORACLE)
    layers = list(language.decoder.layers)
    parts = Explained(layers, [layer.encoder_attn for layer in layers], lambda y: y, model.lm_head, causal=False)
    start = settings.text_config.decoder_start_token_id

    def oracle_of(case: Case) -> Oracle:
        def build(ids: list[int], prompt: int) -> dict[str, Any]:
            answer = torch.tensor([[start, *ids[prompt:]]])
            return {"input_ids": torch.tensor([ids[:prompt]]), "pixel_values": case.pixels.double(), "decoder_input_ids": answer}

        return Oracle(model, parts, build)

    eos = settings.text_config.eos_token_id
    write_goldens(folder, "florence2", cases(folder, tokenizer, settings.image_token_id), oracle_of, stop={eos}, form=Bytes(MEAN, STD, run=SIDE * SIDE))


if __name__ == "__main__":
    main()
