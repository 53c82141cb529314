"""Tiny PaliGemma (Gemma decoder), as its exports on the hub are: decomposed, and each chunk attends to all of itself.

PYTHONPATH=tools python -m families.paligemma [OUT_FOLDER]

The overlay "fused" is the same checkpoint through onnxruntime-genai's builder, whose attention is always causal: another
function, with goldens of its own. The builder leaves the scale of the embeddings to whoever makes them; here it is put
into the decoder, so that both styles share the other files.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from PIL import Image
from torch import Tensor, nn
from transformers import (
    DynamicCache,
    GemmaForCausalLM,
    PaliGemmaConfig,
    PaliGemmaForConditionalGeneration,
    PaliGemmaProcessor,
    PretrainedConfig,
    PreTrainedTokenizerFast,
)
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from .common.decoder import NAME as DECODER
from .common.decoder import build_fused, kv_shape
from .common.dtypes import convert
from .common.goldens import Bytes, Case, write_goldens
from .common.oracle import NAME as ORACLE
from .common.oracle import Explained, Oracle, to_float64
from .common.parts import export, export_embedding
from .common.pictures import write_pictures
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import grid, randomise

SIDE, PATCH = 32, 8
IMAGE_TOKENS = (SIDE // PATCH) ** 2
HALF = [0.5, 0.5, 0.5]
QUESTIONS = [("wide", "describe this image en", " a red square"), ("tall", "What is there?", " the blue dog")]
GEMMA = {"model_type": "gemma", "num_hidden_layers": 2}


def config(tokenizer: Any, text: dict[str, Any]) -> PaliGemmaConfig:
    common = {
        "hidden_size": 32, "intermediate_size": 32, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 16,
        "vocab_size": tokenizer.get_vocab_size(), "max_position_embeddings": 256, "bos_token_id": tokenizer.token_to_id("<bos>"),
        "eos_token_id": tokenizer.token_to_id("<eos>"), "pad_token_id": tokenizer.token_to_id("<pad>"), "tie_word_embeddings": True,
    }  # fmt: skip
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": SIDE, "patch_size": PATCH, "vision_use_head": False,
    }  # fmt: skip
    return PaliGemmaConfig(
        text_config=common | text, vision_config=vision, image_token_index=tokenizer.token_to_id("<image>"), projection_dim=32,
        hidden_size=32, pad_token_id=common["pad_token_id"], bos_token_id=common["bos_token_id"], eos_token_id=common["eos_token_id"],
    )  # fmt: skip


class Vision(nn.Module):
    """scale: what the decoder multiplies its inputs by, which is not meant for the picture's features."""

    def __init__(self, model: nn.Module, scale: float) -> None:
        super().__init__()
        self.model, self.scale = model, scale

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.model.get_image_features(pixel_values).pooler_output / self.scale


class Head(nn.Module):
    def __init__(self, linear: nn.Module, cap: float | None) -> None:
        super().__init__()
        self.linear, self.cap = linear, cap

    def forward(self, y: Tensor) -> Tensor:
        logits = self.linear(y)
        return logits if self.cap is None else torch.tanh(logits / self.cap) * self.cap


class Decoder(nn.Module):
    """The hub's PaliGemma decoders: no attention mask among the inputs, a mask of one 0 inside, embeddings scaled here."""

    def __init__(self, text: nn.Module, head: nn.Module, config: PretrainedConfig) -> None:
        super().__init__()
        self.text, self.head, self.config = text, head, config

    def forward(self, inputs_embeds: Tensor, position_ids: Tensor, *past: Tensor) -> tuple[Tensor, ...]:
        cache = DynamicCache()
        for layer in range(len(past) // 2):
            cache.update(past[2 * layer], past[2 * layer + 1], layer)
        everything = torch.zeros(inputs_embeds.shape[0], 1, 1, 1)
        kinds = getattr(self.config, "layer_types", None)
        y = self.text(
            inputs_embeds=inputs_embeds * self.config.hidden_size**0.5, position_ids=position_ids, past_key_values=cache,
            attention_mask=everything if kinds is None else dict.fromkeys(kinds, everything), use_cache=True,
        ).last_hidden_state  # fmt: skip
        return self.head(y), *(t for layer in cache.layers for t in (layer.keys, layer.values))


def export_decoder(decoder: Decoder, path: Path) -> None:
    layers, kv_heads, size = kv_shape(decoder.config)
    past, length = 3, 2
    names = [f"{n}.{kind}" for n in range(layers) for kind in ("key", "value")]
    inputs = {"inputs_embeds": torch.randn(1, length, decoder.config.hidden_size), "position_ids": torch.tensor([[4, 5]])}
    inputs |= {f"past_key_values.{name}": torch.randn(1, kv_heads, past, size) for name in names}
    axes = {name: {0: "batch_size", 1: "sequence_length"} for name in ("inputs_embeds", "position_ids", "logits")}
    axes |= {f"past_key_values.{name}": {0: "batch_size", 2: "past_sequence_length"} for name in names}
    axes |= {f"present.{name}": {0: "batch_size", 2: "total_sequence_length"} for name in names}
    export(decoder, path, inputs, ["logits", *(f"present.{name}" for name in names)], axes, opset=14)


def write_configs(folder: Path, settings: PaliGemmaConfig) -> None:
    content = settings.to_dict() | {"architectures": ["PaliGemmaForConditionalGeneration"], "num_image_tokens": IMAGE_TOKENS}
    content["transformers.js_config"] = {"kv_cache_dtype": {"fp16": "float16", "q4f16": "float16"}}
    write_json(folder / "config.json", content)
    write_json(
        folder / "preprocessor_config.json",
        {
            "do_convert_rgb": None, "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": HALF, "image_std": HALF,
            "image_processor_type": "SiglipImageProcessor", "image_seq_length": IMAGE_TOKENS, "processor_class": "PaliGemmaProcessor",
            "resample": 3, "rescale_factor": 1 / 255, "size": {"height": SIDE, "width": SIDE},
        },
    )  # fmt: skip
    ids = {name: getattr(settings.text_config, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    write_json(folder / "generation_config.json", ids)


def cases(folder: Path) -> list[Case]:
    images = SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE}, image_mean=HALF, image_std=HALF)
    images.image_seq_length = IMAGE_TOKENS
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), bos_token="<bos>", eos_token="<eos>")
    processor = PaliGemmaProcessor(images, tokenizer)
    found = []
    for name, question, target in QUESTIONS:
        picture = Image.open(folder / "pictures" / f"{name}.png")
        made = processor(images=picture, text=f"<image>{question}", return_tensors="pt")
        ids = made["input_ids"][0].tolist()
        found.append(
            Case(
                id=name, image=f"pictures/{name}.png", question=question, rendered=f"<image><bos>{question}\n", ids=ids,
                image_positions=[i for i, token in enumerate(ids) if token == processor.image_token_id],
                pixels=made["pixel_values"].float(), target=tokenizer.encode(target, add_special_tokens=False),
            )
        )  # fmt: skip
    return found


def make(
    folder: Path, text: dict[str, Any], seed: int, gain: float = 2.0, dtypes: tuple[str, ...] = ("q4",)
) -> PaliGemmaForConditionalGeneration:
    """Writes the folder of a PaliGemma with this decoder, its goldens too; gives the float32 model."""
    torch.set_num_threads(1)
    write_pictures(folder / "pictures", {"wide": (90, 50), "tall": (40, 76)})
    special = ["<pad>", "<eos>", "<bos>", "<image>"]
    tokenizer = write_tokenizer(folder, special, bos="<bos>", eos="<eos>", pad="<pad>", tokenizer_class="GemmaTokenizer")
    settings = config(tokenizer, text)
    write_configs(folder, settings)
    model = tiny_model(settings, seed, gain)
    scale = settings.text_config.hidden_size**0.5
    pictures = {0: "batch_size"}
    export(
        Vision(model.model, scale), folder / "onnx" / "vision_encoder.onnx", {"pixel_values": torch.randn(1, 3, SIDE, SIDE)},
        ["image_features"], {"pixel_values": pictures, "image_features": pictures},
    )  # fmt: skip
    language = model.model.language_model
    export_embedding(nn.Embedding.from_pretrained(language.embed_tokens.weight), folder)
    cap = getattr(settings.text_config, "final_logit_softcapping", None)
    path = folder / "onnx" / f"{DECODER}.onnx"
    export_decoder(Decoder(language, Head(model.lm_head, cap), settings.text_config), path)
    convert(path, list(dtypes), keep_float=("inputs_embeds", "logits"))
    write_cases(folder, folder, model, prefix=True)
    return model


def tiny_model(settings: PaliGemmaConfig, seed: int, gain: float = 2.0) -> PaliGemmaForConditionalGeneration:
    model = PaliGemmaForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    randomise(model, seed)
    with torch.no_grad():
        # Tied: weights that 4 bits hold, so that head and embedding are the same for each weight type.
        table = model.model.language_model.embed_tokens.weight
        table.copy_(grid(*table.shape, gain, torch.Generator().manual_seed(seed)))
    return model


def write_cases(base: Path, folder: Path, model: PaliGemmaForConditionalGeneration, *, prefix: bool) -> None:
    """Goldens of a copy of the model in float64. prefix: the question attends to all of itself."""
    exact = PaliGemmaForConditionalGeneration(model.config)
    exact.load_state_dict(model.state_dict())
    to_float64(exact).set_attn_implementation(ORACLE)
    language = exact.model.language_model
    layers = list(language.layers)
    parts = Explained(layers, [layer.self_attn for layer in layers], language.norm, exact.lm_head)

    def oracle_of(case: Case) -> Oracle:
        pixels = case.pixels.double()

        def build(ids: list[int], prompt: int) -> dict[str, Any]:
            kinds = torch.tensor([[0] * prompt + [1] * (len(ids) - prompt)]) if prefix else None
            return {"input_ids": torch.tensor([ids]), "pixel_values": pixels, "token_type_ids": kinds}

        return Oracle(exact, parts, build)

    stop = {model.config.text_config.eos_token_id}
    write_goldens(folder, "paligemma", cases(base), oracle_of, stop=stop, form=Bytes(HALF, HALF, run=SIDE * SIDE))


def write_fused(base: Path, model: PaliGemmaForConditionalGeneration) -> None:
    folder = base / "overlays" / "fused"
    causal = GemmaForCausalLM(model.config.text_config).eval()
    causal.model.load_state_dict(model.model.language_model.state_dict())
    causal.tie_weights()
    scale = model.config.text_config.hidden_size**0.5
    build_fused(causal, base, folder / "onnx" / f"{DECODER}.onnx", adjust=lambda graph: scale_embeddings(graph, scale))
    write_cases(base, folder, model, prefix=False)


def scale_embeddings(model: onnx.ModelProto, scale: float) -> None:
    """Multiplies `inputs_embeds` before anything reads it."""
    for node in model.graph.node:
        node.input[:] = ["scaled_embeds" if name == "inputs_embeds" else name for name in node.input]
    model.graph.initializer.append(numpy_helper.from_array(np.array(scale, np.float32), "embed_scale"))
    product = helper.make_node("Mul", ["inputs_embeds", "embed_scale"], ["scaled_embeds"], "/model/embed_scale/Mul")
    model.graph.node.insert(0, product)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/paligemma")
    write_fused(folder, make(folder, GEMMA, seed=5))


if __name__ == "__main__":
    main()
