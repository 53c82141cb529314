"""Accuracy of answers, and how well heatmaps of object words find the object.

Pointing game, by the patch with the largest value: `mask` its middle lies inside the object's mask, `half` at least half
of the patch does, `box` its middle lies inside the object's box. On an 8 x 8 grid many patches of a thirty-pixel drawing
are mostly empty, so the first two are strict; a map drawn at random gives each rule its chance row.
Energy inside: share of the map's sum inside the mask, every patch spread evenly over its pixels.
Both only for describe answers that are right, with the right answer's tokens (which are then the greedy ones).
"""

from collections import defaultdict
from dataclasses import dataclass
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


@dataclass
class Truth:
    """Where one object is, by patch, [144] each."""

    share: Tensor  # of the patch inside the mask
    middle: Tensor  # whether the patch's middle is inside the mask
    box: Tensor  # whether it is inside the box


def truth_of(pack: Pack, index: int, scene: dict, coverage: Tensor) -> list[Truth]:
    """Of every object of a scene; coverage [144, 4]."""
    config = VisionConfig()
    centre = torch.arange(config.side) * config.patch_size + config.patch_size // 2
    x, y = centre.repeat(config.side), centre.repeat_interleave(config.side)
    middles, out = pack.middles(index), []
    for k, thing in enumerate(scene["objects"]):
        b = thing["box"]
        box = (x >= b["x"]) & (x < b["x"] + b["width"]) & (y >= b["y"]) & (y < b["y"] + b["height"])
        out.append(Truth(coverage[:, k + 1], middles[k], box))
    return out


def union(truth: list[Truth]) -> Truth:
    """All objects as one."""
    share = torch.stack([t.share for t in truth]).sum(0)
    either = lambda name: torch.stack([getattr(t, name) for t in truth]).any(0)
    return Truth(share, either("middle"), either("box"))


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

    def add(self, explanation: Explanation, words: list[dict], truth: list[Truth]) -> None:
        """`words` of the answer without the stop token; `truth` of each object."""
        maps = self.maps(explanation)
        delta = explanation.delta()
        layers = explanation.layer_maps()
        for t, word in enumerate(words):
            self.values[f"delta.{word['role']}"].append(float(delta[t] > 0))
            if word["role"] == "object":
                self.add_object({m: maps[m][t] for m in METHODS}, layers[t], truth[word["object"]])
        self.values["delta.stop"].append(float(delta[-1] > 0))
        self.add_sequence(maps["dexar"], delta, union(truth))

    def maps(self, explanation: Explanation) -> dict[str, Tensor]:
        dexar = explanation.layer_maps().sum(1)
        return {
            "dexar": dexar,
            "unfiltered": explanation.unfiltered(),
            "attention": explanation.raw_attention(),
            "random": torch.rand(dexar.shape, generator=self.generator),
        }

    def add_object(self, maps: dict[str, Tensor], layers: Tensor, truth: Truth) -> None:
        self.values["object.area"].append(float(truth.share.mean()))
        for name, heat in maps.items():
            self.add_map(f"object.{name}", heat, truth)
        total = layers.sum()
        if total > 0:
            for index, layer in enumerate(layers.sum(-1) / total):
                self.values[f"layerShare.{index}"].append(float(layer))

    def add_sequence(self, maps: Tensor, delta: Tensor, truth: Truth) -> None:
        weighted = delta[:, None] * min_max(maps)
        self.values["sequence.area"].append(float(truth.share.mean()))
        self.add_map("sequence.withStop", weighted.sum(0), truth)
        self.add_map("sequence.dexar", weighted[:-1].sum(0), truth)
        self.add_map("sequence.random", torch.rand(maps.shape[1], generator=self.generator), truth)

    def add_map(self, name: str, heat: Tensor, truth: Truth) -> None:
        """Pointing and energy of one map; an empty map points nowhere."""
        found, peak = bool(heat.max() > 0), int(heat.argmax())
        self.values[f"{name}.mask"].append(float(found and truth.middle[peak]))
        self.values[f"{name}.half"].append(float(found and truth.share[peak] >= 0.5))
        self.values[f"{name}.box"].append(float(found and truth.box[peak]))
        energy = float((heat * truth.share).sum() / heat.sum()) if found else 0.0
        self.values[f"{name}.energy"].append(energy)

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
        result.add(explain(model, image_tokens, asked, said), item["words"], truth_of(pack, index, scene, batch.coverage[0]))
    return result.table()


def summary(accuracy: dict, found: dict) -> str:
    """One line for the log of training."""
    keys = [f"object.dexar.{k}" for k in ("mask", "half", "box", "energy")]
    keys += ["object.area", "object.attention.mask", "object.attention.energy", "sequence.dexar.mask", "sequence.area"]
    keys += ["delta.object", "delta.function", *(f"layerShare.{i}" for i in range(4))]
    return " ".join(f"{k} {v}" for k, v in accuracy.items()) + " | " + " ".join(f"{k} {found.get(k)}" for k in keys)
