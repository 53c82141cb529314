"""Accuracy of answers, and how well heatmaps of object words find the object.

Pointing game, by the patch with the largest value: `mask` at least half of it lies inside the object's mask, `touch` any
of it does, `box` its middle lies inside the object's box. `mask` is strict: many patches of an 8 x 8 grid on a
thirty-pixel drawing are half empty; a map drawn at random gives each rule its chance row.
Energy inside: share of the map's sum inside the mask, every patch spread evenly over its pixels.
Both only for describe answers that are right, with the right answer's tokens (which are then the greedy ones).
"""

from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .attribution import Explanation, explain, min_max
from .config import VisionConfig
from .data import Pack
from .losses import WordIds, answer_logits, patch_accuracy, text_states
from .model import TinyLlava
from .prepare import KINDS, TextEncoder, read_scenes

METHODS = ("dexar", "unfiltered", "attention", "random")


def patches_in_boxes(objects: list[dict]) -> Tensor:
    """Whether the middle of each patch lies inside each object's box, [objects, 144]."""
    config = VisionConfig()
    middle = torch.arange(config.side) * config.patch_size + config.patch_size // 2
    x, y = middle.repeat(config.side), middle.repeat_interleave(config.side)
    inside = [
        (x >= b["x"]) & (x < b["x"] + b["width"]) & (y >= b["y"]) & (y < b["y"] + b["height"])
        for b in (thing["box"] for thing in objects)
    ]
    return torch.stack(inside)


@torch.no_grad()
def answer_accuracy(model: TinyLlava, pack: Pack, words: WordIds, count: int) -> tuple[dict, np.ndarray]:
    """Exact match by kind of question, and which questions are right.

    An answer is right word by word under teacher forcing exactly if greedy decoding gives it."""
    right = np.ones(len(pack.arrays["kind"]), bool)
    patches = np.zeros(2, np.int64)
    for start in range(0, count, 50):
        batch = pack.batch(np.arange(start, min(start + 50, count)))
        tokens = model.image_tokens(batch.pixels)
        patches += patch_accuracy(tokens, batch, model.decoder.embed.weight, words)
        wrong = answer_logits(model, text_states(model, tokens, batch), batch).argmax(-1) != batch.targets
        right[batch.questions[wrong].numpy()] = False
    last = pack.arrays["scene_start"][count]
    kinds = pack.arrays["kind"][:last]
    table = {name: round(100 * float(right[:last][kinds == k].mean()), 1) for k, name in enumerate(KINDS)}
    first = pack.arrays["scene_start"][:count]
    for n in (1, 2, 3):
        chosen = first[pack.arrays["count"][:count] == n]
        table[f"describe{n}"] = round(100 * float(right[chosen].mean()), 1)
    table["patchNoun"] = round(100 * float(patches[0] / patches[1]), 1)
    return table, right


class Localisation:
    """Collects the figures of many explained answers."""

    def __init__(self, seed: int = 0) -> None:
        self.values: dict[str, list[float]] = defaultdict(list)
        self.generator = torch.Generator().manual_seed(seed)

    def add(self, explanation: Explanation, scene: dict, words: list[dict], coverage: Tensor) -> None:
        """`words` of the answer without the stop token; coverage [144, 4]."""
        boxes = patches_in_boxes(scene["objects"])
        maps = self.maps(explanation)
        delta = explanation.delta()
        layers = explanation.layer_maps()
        for t, word in enumerate(words):
            self.values[f"delta.{word['role']}"].append(float(delta[t] > 0))
            if word["role"] == "object":
                index = word["object"]
                self.add_object({m: maps[m][t] for m in METHODS}, layers[t], coverage[:, index + 1], boxes[index])
        self.values["delta.stop"].append(float(delta[-1] > 0))
        self.add_sequence(maps["dexar"], delta, coverage[:, 1:].sum(-1), boxes.any(0))

    def maps(self, explanation: Explanation) -> dict[str, Tensor]:
        dexar = explanation.layer_maps().sum(1)
        return {
            "dexar": dexar,
            "unfiltered": explanation.unfiltered(),
            "attention": explanation.raw_attention(),
            "random": torch.rand(dexar.shape, generator=self.generator),
        }

    def add_object(self, maps: dict[str, Tensor], layers: Tensor, inside: Tensor, box: Tensor) -> None:
        self.values["object.area"].append(float(inside.mean()))
        for name, heat in maps.items():
            self.add_map(f"object.{name}", heat, inside, box)
        total = layers.sum()
        if total > 0:
            for index, layer in enumerate(layers.sum(-1) / total):
                self.values[f"layerShare.{index}"].append(float(layer))

    def add_sequence(self, maps: Tensor, delta: Tensor, inside: Tensor, box: Tensor) -> None:
        weighted = delta[:, None] * min_max(maps)
        self.values["sequence.area"].append(float(inside.mean()))
        self.add_map("sequence.withStop", weighted.sum(0), inside, box)
        self.add_map("sequence.dexar", weighted[:-1].sum(0), inside, box)
        self.add_map("sequence.random", torch.rand(maps.shape[1], generator=self.generator), inside, box)

    def add_map(self, name: str, heat: Tensor, inside: Tensor, box: Tensor) -> None:
        """Pointing and energy of one map; an empty map points nowhere."""
        found, peak = bool(heat.max() > 0), int(heat.argmax())
        self.values[f"{name}.mask"].append(float(found and inside[peak] >= 0.5))
        self.values[f"{name}.touch"].append(float(found and inside[peak] > 0))
        self.values[f"{name}.box"].append(float(found and box[peak]))
        self.values[f"{name}.energy"].append(float((heat * inside).sum() / heat.sum()) if found else 0.0)

    def table(self) -> dict[str, float]:
        out = {name: round(100 * float(np.mean(v)), 1) for name, v in sorted(self.values.items())}
        return out | {"objectWords": len(self.values["object.area"]), "answers": len(self.values["delta.stop"])}


def localisation(model: TinyLlava, pack: Pack, folder: Path, encoder: TextEncoder, right: np.ndarray, count: int) -> dict:
    """Explains the describe answers that are right among the first `count` scenes."""
    result = Localisation()
    scenes = read_scenes(folder)[:count]
    for index, scene in enumerate(scenes):
        item = scene["questions"][0]
        if item["kind"] != "describe" or not right[pack.arrays["scene_start"][index]]:
            continue
        batch = pack.batch(np.array([index]), with_text=False)
        with torch.no_grad():
            image_tokens = model.image_tokens(batch.pixels)[0]
        asked, said = encoder.question(item["question"]), encoder.answer(item["words"])
        result.add(explain(model, image_tokens, asked, said), scene, item["words"], batch.coverage[0])
    return result.table()


def summary(accuracy: dict, found: dict) -> str:
    """One line for the log of training."""
    keys = [f"object.dexar.{k}" for k in ("mask", "touch", "box", "energy")]
    keys += ["object.area", "object.attention.mask", "object.attention.energy", "sequence.dexar.mask", "sequence.area"]
    keys += ["delta.object", "delta.function", *(f"layerShare.{i}" for i in range(4))]
    return " ".join(f"{k} {v}" for k, v in accuracy.items()) + " | " + " ".join(f"{k} {found.get(k)}" for k in keys)
