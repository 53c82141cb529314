"""Random weights that every weight type can hold.

Each block of 32 input values of a linear layer lies on a grid of 16 steps, -8 among them, with a step that is a small
number of binary digits: block-wise 4 bits and half precision hold such weights exactly, so that the golden values
of float32 are also those of q4.
"""

import torch
from torch import nn

BLOCK = 32
STEPS = (1.0, 1.25, 1.5, 0.75)


def grid(rows: int, columns: int, gain: float, generator: torch.Generator) -> torch.Tensor:
    """A weight [rows, columns] with a standard deviation of about gain / sqrt(columns)."""
    blocks = -(-columns // BLOCK)
    codes = torch.randint(-8, 8, (rows, blocks, BLOCK), generator=generator).float()
    place = torch.randint(0, min(BLOCK, columns - (blocks - 1) * BLOCK), (rows, blocks, 1), generator=generator)
    codes.scatter_(2, place, -8.0)
    exponent = torch.tensor(gain / (4.7 * columns**0.5)).log2().round()
    step = torch.tensor(STEPS)[torch.randint(0, len(STEPS), (rows, blocks, 1), generator=generator)]
    return (codes * step * 2**exponent).reshape(rows, -1)[:, :columns].contiguous()


def half(values: torch.Tensor) -> torch.Tensor:
    """The nearest values of half precision."""
    return values.half().float()


@torch.no_grad()
def randomise(model: nn.Module, seed: int, *, gains: dict[str, float] | None = None, embedding: float = 1.0) -> None:
    """Fills all parameters in order of their names. `gains`: factor by the ending of a linear layer's name."""
    generator = torch.Generator().manual_seed(seed)
    modules = dict(model.named_modules())
    seen: set[int] = set()
    for name, parameter in model.named_parameters():
        if id(parameter) in seen:
            continue
        seen.add(id(parameter))
        owner_name, _, kind = name.rpartition(".")
        owner = modules[owner_name]
        if isinstance(owner, nn.Linear) and kind == "weight":
            gain = next((g for end, g in (gains or {}).items() if owner_name.endswith(end)), 1.5)
            parameter.copy_(grid(*parameter.shape, gain, generator))
        elif isinstance(owner, nn.Embedding):
            parameter.copy_(half(embedding * torch.randn(parameter.shape, generator=generator)))
        elif parameter.ndim == 1 and kind == "weight":
            # Norms: around what the model begins with (1, or 0 where it stores weight - 1).
            start = parameter.mean().round()
            parameter.copy_(half(start + torch.rand(parameter.shape, generator=generator) - 0.5))
        elif parameter.ndim == 1:
            parameter.copy_(half(0.2 * torch.randn(parameter.shape, generator=generator)))
        else:
            width = parameter[0].numel() if parameter.ndim > 1 else parameter.numel()
            scale = 1.5 / width**0.5 if parameter.ndim > 2 else 0.5
            parameter.copy_(half(scale * torch.randn(parameter.shape, generator=generator)))
