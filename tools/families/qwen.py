"""What the recipes of the Qwen-VL models share: the files of a folder, the golden cases, both decoders.

Made with Pillow 12, as the pixel values of the tests are (tools/pilGoldens.py says why).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from transformers import PreTrainedModel
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from .common.chat import render
from .common.decoder import NAME as DECODER
from .common.decoder import export_decomposed
from .common.dtypes import convert
from .common.goldens import Bytes, Case, write_goldens
from .common.oracle import NAME as ORACLE
from .common.oracle import Explained, Oracle, to_float64
from .common.parts import export, export_embedding
from .common.pictures import write_pictures
from .common.tokenizer import write_json, write_tokenizer
from .common.weights import randomise
from .qwen_vision import QwenVision

IMAGE = "<|image_pad|>"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", IMAGE, "<|video_pad|>"]
CONTENT = (
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for content in message['content'] %}"
    "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}"
)
# Qwen3-VL's own, without its tools and videos; Qwen2-VL's and Qwen2.5-VL's begin with a system message.
TEMPLATE = (
    "{% for message in messages %}SYSTEM<|im_start|>{{ message['role'] }}\n" + CONTENT + "<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SYSTEM = (
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
)
QUESTIONS = [("wide", "What is in the picture?", " a red square"), ("tall", "Describe this image.", " the blue dog")]
SIZES = {"wide": (100, 60), "tall": (40, 90), "small": (40, 30)}
# Two pictures in one prompt; both are short, so that they fit.
PAIR, PAIR_QUESTION, PAIR_TARGET = ["tall", "small"], "Same?", " the blue dog"
PLACE = f"<|vision_start|>{IMAGE}<|vision_end|>"
PATCH, MERGE, TEMPORAL = 4, 2, 2
# Few enough image tokens for small files, and such that both pictures are made smaller.
PIXELS = {"shortest_edge": 1024, "longest_edge": 2560}
MOST_POSITIONS = 128


@dataclass
class Recipe:
    """name: of the folder. classes: the processor's and image processor's. grid: what the vision encoder calls its grids."""

    name: str
    processor: str
    image_processor: str
    pixels: dict[str, Any]
    mean: list[float]
    std: list[float]
    grid: str
    system: bool
    seed: int

    @property
    def folder(self) -> Path:
        return Path("test/families") / self.name

    @property
    def template(self) -> str:
        return TEMPLATE.replace("SYSTEM", SYSTEM if self.system else "")


def write_texts(recipe: Recipe) -> Any:
    """Tokenizer, processor settings and generation settings as on the hub; gives the tokenizer."""
    tokenizer = write_tokenizer(
        recipe.folder, SPECIAL, eos="<|im_end|>", pad="<|endoftext|>", tokenizer_class="Qwen2Tokenizer",
        chat_template=recipe.template,
    )  # fmt: skip
    write_json(
        recipe.folder / "preprocessor_config.json",
        recipe.pixels
        | {
            "patch_size": PATCH, "temporal_patch_size": TEMPORAL, "merge_size": MERGE, "image_mean": recipe.mean,
            "image_std": recipe.std, "image_processor_type": recipe.image_processor, "processor_class": recipe.processor,
        },
    )  # fmt: skip
    stops = stop_ids(tokenizer)
    write_json(recipe.folder / "generation_config.json", {"do_sample": True, "eos_token_id": stops, "pad_token_id": stops[1]})
    return tokenizer


def stop_ids(tokenizer: Any) -> list[int]:
    return [tokenizer.token_to_id(text) for text in ("<|im_end|>", "<|endoftext|>")]


def token_ids(tokenizer: Any) -> dict[str, int]:
    """The ids that config.json names."""
    return {
        "image_token_id": tokenizer.token_to_id(IMAGE), "video_token_id": tokenizer.token_to_id("<|video_pad|>"),
        "vision_start_token_id": tokenizer.token_to_id("<|vision_start|>"),
        "vision_end_token_id": tokenizer.token_to_id("<|vision_end|>"),
    }  # fmt: skip


def text_config(tokenizer: Any, **own: Any) -> dict[str, Any]:
    return {
        "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
        "vocab_size": tokenizer.get_vocab_size(), "rms_norm_eps": 1e-6, "max_position_embeddings": MOST_POSITIONS,
        "hidden_act": "silu", "rope_theta": 1000000.0, "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
        "eos_token_id": tokenizer.token_to_id("<|im_end|>"), "tie_word_embeddings": False,
    } | own  # fmt: skip


def cases(recipe: Recipe, tokenizer: Any) -> list[tuple[Case, Tensor]]:
    """The golden cases, each with its grids [pictures, 3]; the last is about two pictures."""
    processor = Qwen2VLImageProcessorPil(
        size=PIXELS, patch_size=PATCH, temporal_patch_size=TEMPORAL, merge_size=MERGE, image_mean=recipe.mean, image_std=recipe.std
    )

    def case(name: str, pictures: list[str], question: str, target: str, image: str) -> tuple[Case, Tensor]:
        made = [processor(Image.open(recipe.folder / "pictures" / f"{picture}.png"), return_tensors="np") for picture in pictures]
        grids = torch.from_numpy(np.concatenate([np.asarray(one["image_grid_thw"]) for one in made]))
        rendered = render(recipe.template, question).replace(PLACE, PLACE * len(pictures))
        before, *after = rendered.split(IMAGE)
        counts = (grids.prod(1) // MERGE**2).tolist()
        ids = tokenizer.encode(before + "".join(IMAGE * n + text for n, text in zip(counts, after, strict=True))).ids
        return Case(
            id=name, image=image, question=question, rendered=rendered, ids=ids,
            image_positions=[i for i, token in enumerate(ids) if token == tokenizer.token_to_id(IMAGE)],
            pixels=torch.from_numpy(np.concatenate([np.asarray(one["pixel_values"]) for one in made])).float(),
            target=tokenizer.encode(target, add_special_tokens=False).ids,
        ), grids  # fmt: skip

    single = [case(name, [name], question, target, f"pictures/{name}.png") for name, question, target in QUESTIONS]
    return [*single, case("pair", PAIR, PAIR_QUESTION, PAIR_TARGET, f"../pictures/{PAIR[0]}.png")]


# Processor settings as published (the first two name no more than this), and ones that shrink and enlarge much.
PUBLISHED = [
    ("cat", {"min_pixels": 3136, "max_pixels": 12845056}),
    ("shapes", {"min_pixels": 3136, "max_pixels": 50176, "patch_size": 14}),
    ("street", {"min_pixels": 200704, "max_pixels": 1003520, "patch_size": 14}),
    ("street", {"size": {"shortest_edge": 65536, "longest_edge": 16777216}, "patch_size": 16, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}),
]


def write_samples(path: Path, pictures: Path) -> None:
    """What Python's processor makes of whole photos: grid, and the hash of the patches' bytes."""
    samples = []
    for picture, settings in PUBLISHED:
        processor = Qwen2VLImageProcessorPil(**settings)
        made = processor(Image.open(pictures / f"{picture}.png").convert("RGB"), return_tensors="np")
        patches = np.asarray(made["pixel_values"], dtype=np.float64)
        channel = np.arange(patches.shape[1]) // (patches.shape[1] // 3)
        codes = patches * np.array(processor.image_std)[channel] + np.array(processor.image_mean)[channel]
        digest = hashlib.sha256(np.rint(codes * 255).astype(np.uint8).tobytes()).hexdigest()
        grid = np.asarray(made["image_grid_thw"]).tolist()[0]
        samples.append({"picture": picture, "config": settings, "grid": grid, "values": patches.size, "sha256": digest})
    write_json(path, {"samples": samples})


def export_vision(recipe: Recipe, visual: torch.nn.Module, folder: Path, *, deepstack: bool = False) -> None:
    """The vision encoder, checked against transformers' own on grids that the trace did not see."""
    values = 3 * TEMPORAL * PATCH**2
    vision = QwenVision(visual, deepstack=deepstack).eval()
    for grid in ([[1, 6, 10]], [[1, 18, 4]], [[1, 2, 2]], [[1, 4, 6], [2, 6, 2]]):
        thw = torch.tensor(grid)
        pixels = torch.randn(int(thw.prod(1).sum()), values)
        with torch.no_grad():
            own = visual(pixels, thw)
            inner = own.deepstack_features if deepstack else []
            torch.testing.assert_close(vision(pixels, thw), torch.cat([own.pooler_output, *inner], -1), rtol=0, atol=1e-5)
    export(
        vision, folder / "onnx" / "vision_encoder.onnx",
        {"pixel_values": torch.randn(60, values), recipe.grid: torch.tensor([[1, 6, 10]])}, ["image_features"],
        {"pixel_values": {0: "num_patches"}, recipe.grid: {0: "num_images"}, "image_features": {0: "num_tokens"}},
    )  # fmt: skip


def write_family(
    recipe: Recipe, model: PreTrainedModel, tokenizer: Any, *, fused: Callable[[Path], None], dtypes: tuple[str, ...] = ("q4",),
    traced: bool = True,
) -> None:
    """Graphs, weight types and golden values; the model is in float64 then. fused(path): writes the fused decoder."""
    folder, text = recipe.folder, model.model.language_model
    write_pictures(folder / "pictures", SIZES)
    export_vision(recipe, model.model.visual, folder)
    export_embedding(text.embed_tokens, folder)
    decoder = folder / "onnx" / f"{DECODER}.onnx"
    fused(decoder)
    convert(decoder, list(dtypes), keep_float=("inputs_embeds", "logits"))
    if traced:
        path = folder / "overlays" / "decomposed" / "onnx" / f"{DECODER}.onnx"
        export_decomposed(text, model.lm_head, model.config.text_config, path, positions=3)
    to_float64(model).set_attn_implementation(ORACLE)
    write_answers(recipe, model, tokenizer, folder)
    write_answers(recipe, model, tokenizer, folder / "pair", names=("pair",))


def write_answers(
    recipe: Recipe, model: PreTrainedModel, tokenizer: Any, folder: Path, names: tuple[str, ...] = ("wide", "tall")
) -> None:
    """The golden values of a model in float64 for the cases of these names."""
    text = model.model.language_model
    parts = Explained(list(text.layers), [layer.self_attn for layer in text.layers], text.norm, model.lm_head)
    found = [(case, grid) for case, grid in cases(recipe, tokenizer) if case.id in names]
    grids = {case.id: grid for case, grid in found}
    image_id = model.config.image_token_id

    def oracle_of(case: Case) -> Oracle:
        def inputs(ids: list[int], _: int) -> dict[str, Any]:
            input_ids = torch.tensor([ids])
            return {
                "input_ids": input_ids, "pixel_values": case.pixels.double(), "image_grid_thw": grids[case.id],
                "mm_token_type_ids": (input_ids == image_id).int(),
            }  # fmt: skip

        return Oracle(model, parts, inputs)

    form = Bytes(recipe.mean, recipe.std, run=TEMPORAL * PATCH**2)
    write_goldens(folder, recipe.name, [case for case, _ in found], oracle_of, stop=set(stop_ids(tokenizer)), form=form)


def randomised(model: PreTrainedModel, seed: int) -> PreTrainedModel:
    model.eval().set_attn_implementation("eager")
    randomise(model, seed)
    return model
