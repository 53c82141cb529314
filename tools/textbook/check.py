"""Compares the textbook way's results with a run file of ours."""

import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from .explain import Answer, Prompt, make_maps

TOLERANCE = 1e-3
"""Largest difference that is let pass, as a share of the largest value."""


def answer_ids(run: Path) -> list[int]:
    """Ids of the tokens that were explained."""
    with np.load(run) as arrays:
        return arrays["input_ids"][-len(arrays["token_weight"]) :].tolist()


def differences(run: Path, answer: Answer, prompt: Prompt) -> dict[str, float]:
    """Largest difference of each array from the run's, as a share of the run's largest value."""
    count = len(answer.ids)
    mine = asdict(make_maps(answer.gradients, prompt.image))
    with np.load(run) as arrays:
        explained = len(arrays["token_weight"])
        if len(arrays["input_ids"]) - explained != len(prompt.embeddings):
            raise SystemExit(f"{run}: its prompt has another length")
        if not np.array_equal(arrays["image_positions"], prompt.image.numpy()):
            raise SystemExit(f"{run}: the image tokens are elsewhere in its prompt")
        ours = {name: arrays[name] for name in mine}
        if "gradient" in arrays:
            ours["gradient"] = arrays["gradient"]
            mine["gradient"] = padded(answer.gradients, ours["gradient"].shape[-1])
    sequence = mine.pop("sequence_heatmap"), ours.pop("sequence_heatmap")
    found = {name: difference(mine[name], ours[name][:count]) for name in mine}
    # It is of all tokens together.
    return {**found, "sequence_heatmap": difference(*sequence)} if count == explained else found


def difference(mine: Tensor, ours: np.ndarray) -> float:
    theirs = torch.from_numpy(ours.astype(np.float32))
    share = float((mine - theirs).abs().max() / theirs.abs().max().clamp(min=1e-30))
    if not math.isfinite(share):
        raise SystemExit("the results hold values that are not numbers")
    return share


def padded(gradients: list[Tensor], length: int) -> Tensor:
    """[T, L, H, length], zero at the positions that a token does not see."""
    return torch.stack([pad(gradient, (0, length - gradient.shape[-1])) for gradient in gradients])
