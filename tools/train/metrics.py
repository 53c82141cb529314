"""Accuracy of answers, and how well heatmaps of object words find the object.

Pointing game: the largest value of the map is in a patch of which at least half lies inside the object's mask.
Energy inside: share of the map's sum inside the mask, every patch spread evenly over its pixels.
Both only for describe answers that are right, with the right answer's tokens (which are then the greedy ones).
"""

from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .attribution import Explanation, explain, min_max
from .data import Pack
from .losses import WordIds, answer_logits, patch_accuracy, text_states
from .model import TinyLlava
from .prepare import KINDS, TextEncoder, read_scenes

METHODS = ("dexar", "unfiltered", "attention", "random")


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

    def add(self, explanation: Explanation, words: list[dict], coverage: Tensor) -> None:
        """`words` of the answer without the stop token; coverage [144, 4]."""
        maps = self.maps(explanation)
        delta = explanation.delta()
        layers = explanation.layer_maps()
        for t, word in enumerate(words):
            self.values[f"delta.{word['role']}"].append(float(delta[t] > 0))
            if word["role"] == "object":
                self.add_object({m: maps[m][t] for m in METHODS}, layers[t], coverage[:, word["object"] + 1])
        self.values["delta.stop"].append(float(delta[-1] > 0))
        self.add_sequence(maps["dexar"], delta, coverage[:, 1:].sum(-1))

    def maps(self, explanation: Explanation) -> dict[str, Tensor]:
        dexar = explanation.layer_maps().sum(1)
        return {
            "dexar": dexar,
            "unfiltered": explanation.unfiltered(),
            "attention": explanation.raw_attention(),
            "random": torch.rand(dexar.shape, generator=self.generator),
        }

    def add_object(self, maps: dict[str, Tensor], layers: Tensor, inside: Tensor) -> None:
        self.values["object.area"].append(float(inside.mean()))
        for name, heat in maps.items():
            found = heat.max() > 0
            self.values[f"pointing.{name}"].append(float(found and inside[heat.argmax()] >= 0.5))
            self.values[f"energy.{name}"].append(float((heat * inside).sum() / heat.sum()) if found else 0.0)
        total = layers.sum()
        if total > 0:
            for index, layer in enumerate(layers.sum(-1) / total):
                self.values[f"layerShare.{index}"].append(float(layer))

    def add_sequence(self, maps: Tensor, delta: Tensor, inside: Tensor) -> None:
        weighted = delta[:, None] * min_max(maps)
        self.values["sequence.area"].append(float(inside.mean()))
        for name, heat in (("withStop", weighted.sum(0)), ("dexar", weighted[:-1].sum(0))):
            hit = heat.max() > 0 and inside[heat.argmax()] >= 0.5
            self.values[f"sequence.pointing.{name}"].append(float(hit))
            energy = float((heat * inside).sum() / heat.sum()) if heat.max() > 0 else 0.0
            self.values[f"sequence.energy.{name}"].append(energy)

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
        result.add(explain(model, image_tokens, asked, said), item["words"], batch.coverage[0])
    return result.table()


def summary(accuracy: dict, found: dict) -> str:
    """One line for the log of training."""
    keys = ["pointing.dexar", "energy.dexar", "object.area", "pointing.attention", "sequence.pointing.dexar"]
    keys += ["sequence.area", "delta.object", "delta.function", *(f"layerShare.{i}" for i in range(4))]
    return " ".join(f"{k} {v}" for k, v in accuracy.items()) + " | " + " ".join(f"{k} {found.get(k)}" for k in keys)
