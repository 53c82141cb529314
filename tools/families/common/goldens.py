"""Writes test/families/NAME/goldens: cases.json and goldens.bin (all arrays, one after another, little-endian)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .oracle import Oracle
from .tokenizer import write_json


@dataclass
class Case:
    """A question about a picture. rendered: what the tokenizer sees, placeholder once; ids: with every image token."""

    id: str
    image: str
    question: str
    rendered: str
    ids: list[int]
    image_positions: list[int]
    pixels: Tensor
    target: list[int]
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Bytes:
    """How pixel values come from bytes: (byte * scale - mean) / std, the channel changing every `run` values."""

    mean: list[float]
    std: list[float]
    run: int
    scale: float = 1 / 255


@dataclass
class Noise:
    """Pixel values in [-1, 1) that both sides make alike, where those of a picture would be megabytes."""

    def values(self, shape: tuple[int, ...]) -> Tensor:
        index = np.arange(np.prod(shape), dtype=np.uint64)
        return torch.from_numpy((index * 2654435761 % 2**32 / 2**31 - 1).astype(np.float32).reshape(shape))


class Arrays:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.at = 0

    def add(self, value: np.ndarray) -> dict[str, Any]:
        entry = {"at": self.at, "shape": list(value.shape), "type": value.dtype.name}
        data = value.tobytes()
        data += b"\0" * (-len(data) % 4)
        self.parts.append(data)
        self.at += len(data)
        return entry

    def floats(self, value: Tensor) -> dict[str, Any]:
        return self.add(value.detach().double().numpy().astype("<f4"))

    def pixels(self, value: Tensor, form: Bytes | Noise | None) -> dict[str, Any]:
        """As bytes where the pixel values are exactly those of bytes, a quarter of the size; noise takes no place."""
        values = value.float().numpy()
        if isinstance(form, Noise):
            return {"shape": list(values.shape), "type": "noise"}
        if form is None:
            return self.add(values)
        channel = np.arange(values.size) // form.run % len(form.mean)
        mean, std = np.array(form.mean)[channel], np.array(form.std)[channel]
        codes = np.rint((values.ravel() * std + mean) / form.scale)
        back = (codes * form.scale - mean) / std
        if np.abs(back - values.ravel()).max() > 2e-6 or codes.min() < 0 or codes.max() > 255:
            raise ValueError("pixel values are not those of whole bytes: give no Bytes")
        entry = self.add(codes.astype(np.uint8).reshape(values.shape))
        return entry | {"mean": form.mean, "std": form.std, "run": form.run, "scale": form.scale}


def write_goldens(
    folder: Path,
    family: str,
    cases: list[Case],
    oracle_of: Any,
    *,
    stop: set[int],
    form: Bytes | Noise | None,
    most: int = 5,
) -> None:
    """folder: the model's. oracle_of(case): the Oracle whose `build` knows the case's pixel values."""
    arrays = Arrays()
    written = [one_case(case, oracle_of(case), arrays, stop, form, most) for case in cases]
    out = folder / "goldens"
    write_json(out / "cases.json", {"family": family, "cases": written})
    (out / "goldens.bin").write_bytes(b"".join(arrays.parts))


def one_case(case: Case, oracle: Oracle, arrays: Arrays, stop: set[int], form: Bytes | Noise | None, most: int) -> dict[str, Any]:
    image = {case.ids[i] for i in case.image_positions[:1] if i < len(case.ids)}
    answer, margins = oracle.greedy(case.ids, most, stop | image)
    if min(margins) < 1e-3 or image & set(answer):
        raise ValueError(f"{case.id}: two tokens are all but equal, or the answer holds the image token ({answer}, {margins}); take another seed")

    def part(target: list[int], gradients: bool) -> dict[str, Any]:
        values = oracle.explain(case.ids, target, case.image_positions, stop)
        if float(values["delta"].max()) == 0:
            print(f"warning: {case.id}: the text wins every token of {target}")
        if not gradients:
            del values["dA"]
        return {"ids": target, "arrays": {name: arrays.floats(value) for name, value in values.items()}}

    with torch.enable_grad():
        return {
            "id": case.id, "image": case.image, "question": case.question, "rendered": case.rendered,
            "input_ids": case.ids, "image_positions": case.image_positions, "settings": case.settings,
            "pixel_values": arrays.pixels(case.pixels, form), "forced": part(case.target, True),
            "greedy": part(answer, False) | {"margins": margins},
        }  # fmt: skip
