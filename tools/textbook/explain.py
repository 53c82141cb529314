"""DEX-AR by its definition: for each token one forward pass over all that precedes it, and one gradient per layer."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .model import Decoder


@dataclass
class Prompt:
    embeddings: Tensor
    """[S, width]"""
    image: Tensor
    """Positions of the image tokens [N]."""


@dataclass
class Answer:
    ids: list[int]
    chosen: list[int]
    """What the model would have said at each place: the same as `ids` unless those were given."""
    gradients: list[Tensor]
    """d lens logit / d attention [L, H, positions so far] of each token, signed."""
    seconds: list[float]


def explain_answer(
    decoder: Decoder,
    table: Tensor,
    prompt: Prompt,
    count: int,
    given: list[int] | None = None,
    on_token: Callable[[int, float], None] = lambda index, seconds: None,
) -> Answer:
    """Explains `count` tokens: the model's own, or those given. table: token embeddings [vocabulary, width]."""
    answer = Answer([], [], [], [])
    x = prompt.embeddings
    for index in range(count):
        start = time.perf_counter()
        token, chosen, gradient = explain_next(decoder, x, None if given is None else given[index])
        answer.ids.append(token)
        answer.chosen.append(chosen)
        answer.gradients.append(gradient)
        x = torch.cat([x, table[token, None]])
        answer.seconds.append(time.perf_counter() - start)
        on_token(index, answer.seconds[-1])
    return answer


def explain_next(decoder: Decoder, x: Tensor, given: int | None) -> tuple[int, int, Tensor]:
    """The token after x [S, width] (the given one, or the likeliest), the likeliest, and the gradients [L, H, S]."""
    logits, outputs, attentions = decoder(x)
    chosen = int(logits[-1].argmax())
    token = chosen if given is None else given
    rows = []
    for y, attention in zip(outputs, attentions):
        lens = decoder.lens(y[-1])[token]
        (gradient,) = torch.autograd.grad(lens, attention, retain_graph=True)
        rows.append(gradient[:, -1].clone())
    return token, chosen, torch.stack(rows)


@dataclass
class Maps:
    """The paper's Equations 4 to 6 for T tokens and N image tokens."""

    score_image: Tensor  # [T, L, H]
    score_text: Tensor  # [T, L, H]
    head_weight: Tensor  # [T, L, H]
    token_heatmap: Tensor  # [T, N]
    token_weight: Tensor  # [T]
    sequence_heatmap: Tensor  # [N]


def make_maps(gradients: list[Tensor], image: Tensor) -> Maps:
    """All maps of an answer. Text is every position that is not of the image, up to the one before the token."""
    scores_image, scores_text, heatmaps = [], [], []
    for gradient in gradients:
        positive = gradient.clamp(min=0)
        is_text = torch.ones(positive.shape[-1], dtype=torch.bool)
        is_text[image] = False
        seen = positive[..., image]
        scores_image.append(seen.amax(-1))
        scores_text.append(positive[..., is_text].amax(-1))
        weight = (scores_image[-1] - scores_text[-1]).clamp(min=0)
        heatmaps.append((weight[..., None] * seen).sum((0, 1)))
    score_image, score_text = torch.stack(scores_image), torch.stack(scores_text)
    token_heatmap = torch.stack(heatmaps)
    delta = (score_image.amax((1, 2)) - score_text.amax((1, 2))).clamp(min=0)
    return Maps(
        score_image,
        score_text,
        (score_image - score_text).clamp(min=0),
        token_heatmap,
        delta,
        (delta[:, None] * min_max(token_heatmap)).sum(0),
    )


def min_max(maps: Tensor) -> Tensor:
    """Each map scaled to 0..1; a flat one becomes 0."""
    low, high = maps.amin(-1, keepdim=True), maps.amax(-1, keepdim=True)
    return torch.where(high > low, (maps - low) / (high - low), torch.zeros_like(maps))
