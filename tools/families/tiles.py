"""What the recipes of the Idefics3 family share: tiles, a global view, a text model of any kind."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from transformers import PreTrainedModel, SmolVLMConfig, SmolVLMForConditionalGeneration
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.smolvlm.processing_smolvlm import get_image_prompt_string

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
from .common.weights import randomise

TILE, LONGEST, PATCH, SCALE = 32, 64, 4, 2
IMAGE_TOKENS = (TILE // PATCH // SCALE) ** 2
MARKS = ["<fake_token_around_image>", "<image>", "<global-img>"]
ROWS = [f"<row_{r}_col_{c}>" for r in (1, 2, 3) for c in (1, 2, 3)]
HALF = [0.5, 0.5, 0.5]


@dataclass
class Spec:
    """A model of the family."""

    folder: Path
    model_type: str
    # Of its classes: "SmolVLM" for SmolVLMForConditionalGeneration and the rest.
    name: str
    template: str
    bos: str
    eos: str
    special: list[str]
    causal: type[PreTrainedModel]
    text: dict[str, Any]
    # Name, question and forced answer of each picture.
    questions: list[tuple[str, str, str]]
    seed: int
    dtypes: list[str] = field(default_factory=list)
    # Another model type with the same weights, in an overlay, that takes the picture whole.
    whole: tuple[str, str] | None = None


def config(spec: Spec, tokenizer: Any) -> SmolVLMConfig:
    eos = tokenizer.token_to_id(spec.eos)
    text = {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 16, "vocab_size": tokenizer.get_vocab_size(), "rope_theta": 10000.0,
        "rms_norm_eps": 1e-5, "max_position_embeddings": 256, "hidden_act": "silu", "bos_token_id": tokenizer.token_to_id(spec.bos),
        "eos_token_id": eos, "pad_token_id": eos, "tie_word_embeddings": False,
    } | spec.text  # fmt: skip
    vision = {
        "model_type": "smolvlm_vision", "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": TILE, "patch_size": PATCH, "hidden_act": "gelu_pytorch_tanh",
    }  # fmt: skip
    return SmolVLMConfig(
        text_config=text, vision_config=vision, scale_factor=SCALE, image_token_id=tokenizer.token_to_id("<image>"),
        tie_word_embeddings=False, pad_token_id=eos,
    )  # fmt: skip


class Vision(nn.Module):
    """Encoder and connector; the places of the patches, which the exporter cannot trace, are those of whole tiles."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.vision, self.connector = model.vision_model, model.connector
        embeddings, found = self.vision.embeddings, []
        hook = embeddings.position_embedding.register_forward_pre_hook(lambda _, given: found.append(given[0]))
        side = TILE // PATCH
        embeddings(torch.zeros(1, 3, TILE, TILE), torch.ones(1, side, side, dtype=torch.bool))
        hook.remove()
        self.register_buffer("places", found[0])

    def forward(self, pixel_values: Tensor, pixel_attention_mask: Tensor) -> Tensor:
        seen = pixel_attention_mask.flatten(0, 1)[:, ::PATCH, ::PATCH].flatten(1)
        places = torch.where(seen, self.places, torch.zeros_like(self.places))
        patches = self.vision.embeddings.patch_embedding(pixel_values.flatten(0, 1)).flatten(2).transpose(1, 2)
        x = self.vision.encoder(inputs_embeds=patches + self.vision.embeddings.position_embedding(places)).last_hidden_state
        return self.connector(self.vision.post_layernorm(x))


def write_configs(folder: Path, settings: SmolVLMConfig, *, model_type: str, name: str, split: bool) -> None:
    content = settings.to_dict() | {"model_type": model_type, "architectures": [f"{name}ForConditionalGeneration"]}
    content["transformers.js_config"] = {"kv_cache_dtype": {"fp16": "float16", "q4f16": "float16"}}
    write_json(folder / "config.json", content)
    write_json(
        folder / "preprocessor_config.json",
        {
            "do_convert_rgb": True, "do_image_splitting": split, "do_normalize": True, "do_pad": True, "do_rescale": True,
            "do_resize": True, "image_mean": HALF, "image_std": HALF, "image_processor_type": f"{name}ImageProcessor",
            "max_image_size": {"longest_edge": TILE}, "processor_class": f"{name}Processor", "resample": 1,
            "rescale_factor": 1 / 255, "size": {"longest_edge": LONGEST},
        },
    )  # fmt: skip
    write_json(folder / "processor_config.json", {"image_seq_len": IMAGE_TOKENS, "processor_class": f"{name}Processor"})


def cases(spec: Spec, tokenizer: Any, split: bool) -> list[Case]:
    processor = Idefics3ImageProcessorPil(
        size={"longest_edge": LONGEST}, max_image_size={"longest_edge": TILE}, do_image_splitting=split, image_mean=HALF, image_std=HALF
    )
    image_id = tokenizer.token_to_id("<image>")
    found = []
    for name, question, target in spec.questions:
        picture = Image.open(spec.folder / "pictures" / f"{name}.png")
        made = processor(picture, return_tensors="np", return_row_col_info=True)
        rendered = render(spec.template, question)
        expanded = get_image_prompt_string(
            made["rows"][0][0], made["cols"][0][0], IMAGE_TOKENS, fake_token_around_image="<fake_token_around_image>",
            image_token="<image>", global_image_token="<global-img>",
        )  # fmt: skip
        ids = tokenizer.encode(rendered.replace("<image>", expanded)).ids
        found.append(
            Case(
                id=name, image=f"pictures/{name}.png", question=question, rendered=rendered, ids=ids,
                image_positions=[i for i, token in enumerate(ids) if token == image_id],
                pixels=torch.from_numpy(np.asarray(made["pixel_values"])).float(),
                target=tokenizer.encode(target, add_special_tokens=False).ids,
            )
        )  # fmt: skip
    return found


def make(spec: Spec) -> None:
    """Writes the model folder with its golden values."""
    torch.set_num_threads(1)
    folder = spec.folder
    write_pictures(folder / "pictures", {"wide": (100, 60), "tall": (40, 90)})
    tokenizer = write_tokenizer(folder, spec.special + ROWS, bos=spec.bos, eos=spec.eos, chat_template=spec.template)
    settings = config(spec, tokenizer)
    write_configs(folder, settings, model_type=spec.model_type, name=spec.name, split=True)
    text_config = settings.text_config
    eos = text_config.eos_token_id
    write_json(folder / "generation_config.json", {"eos_token_id": eos, "pad_token_id": eos, "bos_token_id": text_config.bos_token_id})

    model = SmolVLMForConditionalGeneration(settings).eval()
    model.set_attn_implementation("eager")
    # Little attention in the encoder: a place in the picture stays a place among the features.
    randomise(model, spec.seed, gains={"out_proj": 0.2})
    write_graphs(spec, model)

    oracle_of = oracles(model)
    form = Bytes(HALF, HALF, run=TILE * TILE)
    write_goldens(folder, spec.name, cases(spec, tokenizer, True), oracle_of, stop={eos}, form=form)
    if spec.whole is not None:
        model_type, name = spec.whole
        whole = folder / "overlays" / model_type
        write_configs(whole, settings, model_type=model_type, name=name, split=False)
        write_goldens(whole, name, cases(spec, tokenizer, False), oracle_of, stop={eos}, form=form)


def write_graphs(spec: Spec, model: SmolVLMForConditionalGeneration) -> None:
    onnx_folder, text, text_config = spec.folder / "onnx", model.model.text_model, model.config.text_config
    many = {0: "batch_size", 1: "num_images"}
    export(
        Vision(model.model), onnx_folder / "vision_encoder.onnx",
        {"pixel_values": torch.randn(1, 2, 3, TILE, TILE), "pixel_attention_mask": torch.ones(1, 2, TILE, TILE, dtype=torch.bool)},
        ["image_features"], {"pixel_values": many, "pixel_attention_mask": many, "image_features": {0: "num_images"}},
    )  # fmt: skip
    export_embedding(text.embed_tokens, spec.folder)
    causal = spec.causal(text_config).eval()
    causal.model.load_state_dict(text.state_dict())
    causal.lm_head.load_state_dict(model.lm_head.state_dict())
    build_fused(causal, spec.folder, onnx_folder / f"{DECODER}.onnx")
    convert(onnx_folder / f"{DECODER}.onnx", spec.dtypes, keep_float=("inputs_embeds", "logits"))
    plain = spec.folder / "overlays" / "decomposed" / "onnx" / f"{DECODER}.onnx"
    export_decomposed(text, model.lm_head, text_config, plain)


def oracles(model: SmolVLMForConditionalGeneration) -> Any:
    to_float64(model).set_attn_implementation(ORACLE)
    text = model.model.text_model
    layers = list(text.layers)
    parts = Explained(layers, [layer.self_attn for layer in layers], text.norm, model.lm_head)

    def oracle_of(case: Case) -> Oracle:
        pixels = case.pixels.double()
        return Oracle(model, parts, lambda ids, prompt: {"input_ids": torch.tensor([ids]), "pixel_values": pixels})

    return oracle_of
