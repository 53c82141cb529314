"""Batches from prepared packs: pixels, patch labels, and all questions of a picture packed into one sequence."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .config import BOS, IMAGE_MEAN, IMAGE_STD, PAD, VisionConfig

PREFIX = 1 + VisionConfig().tokens
LABELS = ("noun", "colour", "row", "column", "centre", "background", "count")


@dataclass
class Batch:
    pixels: Tensor  # float [B, 3, 96, 96], normalised
    coverage: Tensor  # float [B, 144, 4], shares of the patch
    labels: dict[str, Tensor]
    tokens: Tensor  # long [B, T], the text after the picture
    block: Tensor  # long [B, T], which question a token belongs to; -1 padding
    asked: Tensor  # bool [B, T], tokens of questions (not of answers)
    positions: Tensor  # long [B, 145 + T]
    rows: Tensor  # long [R, 2], (picture, text index) whose next token is to be learned
    targets: Tensor  # long [R]
    kinds: Tensor  # long [R]
    weights: Tensor  # float [R], 1 / root of the answer's length, so that "yes" is not drowned by descriptions
    questions: Tensor  # long [R], index of the question in the pack


def normalise(images: np.ndarray) -> Tensor:
    """uint8 [B, 96, 96, 3] to normalised float [B, 3, 96, 96]."""
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    mean, std = torch.tensor(IMAGE_MEAN), torch.tensor(IMAGE_STD)
    return ((pixels - mean[:, None, None]) / std[:, None, None]).contiguous()


class Pack:
    def __init__(self, folder: Path) -> None:
        self.arrays = dict(np.load(folder / "prepared.npz"))
        self.count = len(self.arrays["coverage"])
        size = VisionConfig().image_size
        self.images = np.memmap(folder / "images.bin", np.uint8, "r", shape=(self.count, size, size, 3))
        self.owner = np.memmap(folder / "owner.bin", np.uint8, "r", shape=(self.count, size, size))

    def middles(self, index: int) -> Tensor:
        """Whether the middle of each patch (at least two of its four middle pixels) lies inside each object's mask,
        [3, 144]."""
        config = VisionConfig()
        side, size, half = config.side, config.patch_size, config.patch_size // 2
        owner = self.owner[index].reshape(side, size, side, size)[:, half - 1 : half + 1, :, half - 1 : half + 1]
        inside = [(owner == k + 1).sum((1, 3)) >= 2 for k in range(3)]
        return torch.from_numpy(np.stack(inside).reshape(3, -1))

    def batch(self, indices: np.ndarray, with_text: bool = True, text_length: int | None = None) -> Batch:
        """`text_length` fixes the length of the text part (and leaves out questions that do not fit)."""
        coverage = torch.from_numpy(self.arrays["coverage"][indices]).float() / VisionConfig().patch_size**2
        labels = {name: torch.from_numpy(self.arrays[name][indices]) for name in LABELS}
        text = self.pack_text(indices if with_text else indices[:0], text_length)
        return Batch(normalise(self.images[indices]), coverage, labels, *text)

    def pack_text(self, indices: np.ndarray, length: int | None) -> list[Tensor]:
        scene_start, question_start = self.arrays["scene_start"], self.arrays["question_start"]
        spans = [question_start[scene_start[i] : scene_start[i + 1] + 1] for i in indices]
        if length is None:
            length = int(max((s[-1] - s[0] for s in spans), default=0))
        spans = [s[s - s[0] <= length] for s in spans]
        tokens = np.full((len(indices), length), PAD, np.int64)
        block, offset = np.full_like(tokens, -1), np.zeros_like(tokens)
        asked = np.zeros(tokens.shape, bool)
        rows, targets, kinds, weights, questions = [], [], [], [], []
        for b, (scene, span) in enumerate(zip(indices, spans)):
            for q in range(len(span) - 1):
                start, end = span[q] - span[0], span[q + 1] - span[0]
                tokens[b, start:end] = self.arrays["tokens"][span[q] : span[q + 1]]
                block[b, start:end] = q
                offset[b, start:end] = np.arange(end - start)
                is_answer = self.arrays["answer"][span[q] : span[q + 1]]
                asked[b, start:end] = is_answer == 0
                learned = start + np.flatnonzero(is_answer)
                rows += [(b, i - 1) for i in learned]
                targets.append(tokens[b, learned])
                question = scene_start[scene] + q
                kinds += [self.arrays["kind"][question]] * len(learned)
                weights += [len(learned) ** -0.5] * len(learned)
                questions += [question] * len(learned)
        prefix = np.broadcast_to(np.arange(PREFIX), (len(indices), PREFIX))
        positions = np.concatenate([prefix, PREFIX + offset], axis=1)
        flat = np.concatenate(targets) if targets else np.zeros(0, np.int64)
        pairs = np.array(rows, np.int64).reshape(-1, 2)
        per_row = [np.array(kinds, np.int64), np.array(weights, np.float32), np.array(questions, np.int64)]
        parts = [tokens, block, asked, positions, pairs, flat, *per_row]
        return [torch.from_numpy(part) for part in parts]


def attention_mask(block: Tensor) -> Tensor:
    """[B, 1, S, S], true where a position may look: causal, and text sees the picture and its own question only."""
    batch, length = block.shape
    label = torch.cat([torch.full((batch, PREFIX), -2), block], dim=1)
    same = label[:, :, None] == label[:, None, :]
    to_prefix = torch.arange(PREFIX + length) < PREFIX
    causal = torch.ones(PREFIX + length, PREFIX + length, dtype=torch.bool).tril()
    return ((same | to_prefix) & causal)[:, None]


def embed_batch(model, image_tokens: Tensor, tokens: Tensor) -> Tensor:
    """Start token, picture, text: [B, 145 + T, width]."""
    embed = model.decoder.embed
    start = embed(torch.full((len(tokens), 1), BOS))
    return torch.cat([start.to(image_tokens.dtype), image_tokens, embed(tokens).to(image_tokens.dtype)], dim=1)
