"""Golden values: the paper's quantities of any vision-language model of transformers, in float64 by automatic differentiation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

NAME = "dexar_oracle"
RECORDED: dict[int, Tensor] = {}


class Float64(TorchFunctionMode):
    """Lets a model that raises parts of its work to float32 (norms, softmax) stay in float64 there."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if args and isinstance(args[0], Tensor) and args[0].dtype == torch.float64:
            if func is Tensor.float:
                return args[0]
            args = tuple(torch.float64 if a is torch.float32 else a for a in args)
            kwargs = {name: torch.float64 if a is torch.float32 else a for name, a in kwargs.items()}
        return func(*args, **kwargs)


def attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None,
    scaling: float | None = None, softcap: float | None = None, **_: Any,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Attention written out, its probabilities [batch, heads, rows, columns] kept by module."""
    groups = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    scores = query @ key.transpose(2, 3) * (query.shape[-1] ** -0.5 if scaling is None else scaling)
    if softcap is not None:
        scores = softcap * torch.tanh(scores / softcap)
    if attention_mask is not None:
        cut = attention_mask[..., : key.shape[-2]]
        scores = scores.masked_fill(~cut, float("-inf")) if cut.dtype == torch.bool else scores + cut
    probabilities = scores.softmax(-1)
    RECORDED[id(module)] = probabilities
    return (probabilities @ value).transpose(1, 2).contiguous(), probabilities


AttentionInterface.register(NAME, attention)
AttentionMaskInterface.register(NAME, eager_mask)


def to_float64(model: nn.Module) -> nn.Module:
    """The model in float64, its rotary frequencies as float32 made them: exported models hold them in float32."""
    kept = [(b, n, t.clone()) for m in model.modules() for b, n, t in [(m, k, v) for k, v in m._buffers.items() if v is not None] if "inv_freq" in n]
    model.double()
    for owner, name, value in kept:
        owner._buffers[name] = value
    return model.eval()


@dataclass
class Explained:
    """Decoder layers and what reads them. attentions[l]: the module whose probabilities count in layers[l]."""

    layers: list[nn.Module]
    attentions: list[nn.Module]
    norm: Callable[[Tensor], Tensor]
    head: Callable[[Tensor], Tensor]
    # True: columns are decoder positions, those after the row are no part of it; False: an encoder's (cross-attention).
    causal: bool = True


class Oracle:
    """model: in float64 with its own attention (`use`). build(ids, prompt): the model's arguments for a whole sequence
    of which the first `prompt` ids are the question."""

    def __init__(self, model: nn.Module, parts: Explained, build: Callable[[list[int], int], dict[str, Any]]) -> None:
        self.model, self.parts, self.build = model, parts, build

    def forward(self, ids: list[int], prompt: int) -> tuple[list[Tensor], list[Tensor], Tensor]:
        """Block outputs [rows, width] and attention probabilities [heads, rows, columns] of each layer, logits [rows, vocabulary]."""
        RECORDED.clear()
        outputs: dict[int, Tensor] = {}

        def keep(layer: nn.Module, _: Any, out: Any) -> None:
            outputs[id(layer)] = (out[0] if isinstance(out, tuple) else out)[0]

        hooks = [layer.register_forward_hook(keep) for layer in self.parts.layers]
        try:
            with Float64():
                logits = self.model(**self.build(ids, prompt), use_cache=False).logits[0]
        finally:
            for hook in hooks:
                hook.remove()
        ys = [outputs[id(layer)] for layer in self.parts.layers]
        return ys, [RECORDED[id(a)] for a in self.parts.attentions], logits

    @torch.no_grad()
    def greedy(self, ids: list[int], most: int, end: set[int]) -> tuple[list[int], list[float]]:
        """The answer, until one of `end`, and at each token how far its logit lies above the next one's."""
        answer: list[int] = []
        margins: list[float] = []
        while len(answer) < most and not end & set(answer):
            top = self.forward(ids + answer, len(ids))[2][-1].topk(2)
            answer.append(int(top.indices[0]))
            margins.append(float(top.values[0] - top.values[1]))
        return answer, margins

    def explain(self, ids: list[int], target: list[int], image: list[int], stop: set[int]) -> dict[str, Tensor]:
        """All quantities of a target that follows the prompt. image: positions of the image tokens (columns of A)."""
        ys, probabilities, logits = self.forward(ids + target[:-1], len(ids))
        # A decoder with an encoder begins with a token of its own, which is no part of the prompt.
        first = len(ids) - 1 if self.parts.causal else 0
        rows = [first + t for t in range(len(target))]
        with Float64():
            lens = torch.stack([self.parts.head(self.parts.norm(y[rows]))[range(len(rows)), target] for y in ys], 1)
        gradient = torch.stack(
            [
                torch.stack(
                    [
                        # Where the probability is 0 a mask or a window hides the position: no gradient there.
                        torch.autograd.grad(lens[t, layer], a, retain_graph=True)[0][0, :, row] * (a[0, :, row] > 0)
                        for layer, a in enumerate(probabilities)
                    ]
                )
                for t, row in enumerate(rows)
            ]
        ).detach()
        if self.parts.causal:
            seen = torch.arange(gradient.shape[-1]) <= torch.tensor(rows)[:, None]
            gradient = gradient * seen[:, None, None]
        ends = target[-1] in stop
        if not torch.allclose(lens[:, -1], logits[rows, target]):
            print("note: the logits are not the last lens (scaled, capped, or with layers after the last attention)")
        found = quantities(gradient, image, ends)
        if not self.parts.causal:
            # As run files have it: a column for each answer token too, which an encoder does not see.
            found["dA"] = nn.functional.pad(found["dA"], (0, len(target) - 1))
        return found | {"lens_logits": lens.detach()}


def quantities(gradient: Tensor, image: list[int], ends_with_stop: bool) -> dict[str, Tensor]:
    """Scores, weights and maps of signed gradients [T, L, H, P] as design/engine.md has them; the stop token is not summed."""
    positive = gradient.clamp(min=0)
    text = torch.ones(gradient.shape[-1], dtype=torch.bool)
    text[image] = False
    s_img, s_text = positive[..., image].amax(-1), positive[..., text].amax(-1)
    weight = (s_img - s_text).clamp(min=0)
    heat = (weight[..., None] * positive[..., image]).sum((1, 2))
    delta = (s_img.amax((1, 2)) - s_text.amax((1, 2))).clamp(min=0)
    low, high = heat.amin(1, keepdim=True), heat.amax(1, keepdim=True)
    scaled = torch.where(high > low, (heat - low) / (high - low).clamp(min=1e-300), torch.zeros_like(heat))
    terms = (delta[:, None] * scaled)[: len(delta) - ends_with_stop]
    return {
        "dA": gradient, "S_img": s_img, "S_text": s_text, "w": weight, "E": heat, "delta": delta, "seq": terms.sum(0),
    }  # fmt: skip
