"""DEX-AR in closed form, for following its quality during training (`oracle.py` has the independent derivation).

Layer l's attention of position p reaches the lens logit o = lm_head(norm(y)) only through the head outputs z, so
d o / d A[p, j] = < v_j, d o / d z >; only rows p need a backward pass.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from .config import BOS
from .model import TinyLlava


@dataclass
class Explanation:
    """Of T target tokens, L layers, H heads, S positions; the picture is positions 1..144."""

    gradient: Tensor  # [T, L, H, S], signed
    attention: Tensor  # [T, L, H, S]
    lens: Tensor  # [T, L]
    image: slice

    def scores(self) -> tuple[Tensor, Tensor]:
        """S_img and S_text [T, L, H]: largest positive gradient over the picture and over everything else."""
        positive = self.gradient.clamp(min=0)
        text = torch.ones(positive.shape[-1], dtype=torch.bool)
        text[self.image] = False
        return positive[..., self.image].amax(-1), positive[..., text].amax(-1)

    def layer_maps(self) -> Tensor:
        """Filtered token heatmaps before the sum over layers, [T, L, 144]."""
        image, text = self.scores()
        weight = (image - text).clamp(min=0)
        return (weight[..., None] * self.gradient[..., self.image].clamp(min=0)).sum(2)

    def unfiltered(self) -> Tensor:
        return self.gradient[..., self.image].clamp(min=0).sum((1, 2))

    def raw_attention(self) -> Tensor:
        return self.attention[..., self.image].mean((1, 2))

    def delta(self) -> Tensor:
        image, text = self.scores()
        return (image.amax((1, 2)) - text.amax((1, 2))).clamp(min=0)


def min_max(maps: Tensor) -> Tensor:
    """Every map scaled to 0..1; constant maps become 0."""
    low, high = maps.amin(-1, keepdim=True), maps.amax(-1, keepdim=True)
    return torch.where(high > low, (maps - low) / (high - low).clamp(min=1e-30), torch.zeros_like(maps))


def explain(model: TinyLlava, image_tokens: Tensor, question: list[int], answer: list[int]) -> Explanation:
    """Explains every token of a given answer; image_tokens [144, width]."""
    decoder = model.decoder
    ids = torch.tensor(question + answer[:-1])
    with torch.no_grad():
        x = torch.cat([decoder.embed(torch.tensor([BOS])), image_tokens, decoder.embed(ids)])[None]
    length = x.shape[1]
    rows = torch.arange(len(answer)) + length - len(answer)
    cos, sin = decoder.tables(torch.arange(length)[None], x.dtype)
    target = decoder.embed.weight.detach()[torch.tensor(answer)]
    gradients, attentions, lens = [], [], []
    for layer in decoder.layers:
        with torch.no_grad():
            probabilities, values = layer_attention(layer, x, cos, sin)
            z = (probabilities @ values).transpose(0, 1).flatten(1)
        z_rows = z[rows].requires_grad_()
        logit = (decoder.norm(layer.finish(x[0, rows], z_rows)) * target).sum(-1)
        (slope,) = torch.autograd.grad(logit.sum(), z_rows)
        slope = slope.view(len(rows), -1, decoder.config.head_dim)
        gradient = torch.einsum("thd,hsd->ths", slope, values)
        seen = torch.arange(length) <= rows[:, None]
        gradients.append(gradient * seen[:, None])
        attentions.append(probabilities[:, rows].transpose(0, 1))
        lens.append(logit.detach())
        with torch.no_grad():
            x = layer.finish(x, z[None])
    image = slice(1, 1 + len(image_tokens))
    return Explanation(torch.stack(gradients, 1), torch.stack(attentions, 1), torch.stack(lens, 1), image)


def layer_attention(layer, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities [heads, S, S] and values [heads, S, head_dim] with shared heads repeated."""
    q, k, v = (part[0] for part in layer.heads(x, cos, sin))
    repeat = layer.config.heads // layer.config.kv_heads
    k, v = k.repeat_interleave(repeat, 0), v.repeat_interleave(repeat, 0)
    scores = q @ k.transpose(1, 2) * layer.config.head_dim**-0.5
    hidden = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return scores.masked_fill(hidden, float("-inf")).softmax(-1), v
