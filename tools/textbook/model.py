"""Llama decoder in plain PyTorch that hands out what DEX-AR needs: attention maps and every layer's output."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .weights import DecoderConfig

Weights = dict[str, Tensor]


class Linear(nn.Module):
    """x W + b with W [inputs, outputs], as ONNX files hold it."""

    def __init__(self, weights: Weights, name: str) -> None:
        super().__init__()
        self.weight = nn.Parameter(weights[f"{name}.weight"])
        bias = weights.get(f"{name}.Add.bias")
        self.bias = None if bias is None else nn.Parameter(bias)

    def forward(self, x: Tensor) -> Tensor:
        out = x @ self.weight
        return out if self.bias is None else out + self.bias


class RmsNorm(nn.Module):
    def __init__(self, weights: Weights, name: str, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(weights[f"{name}.weight"])
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.square().mean(-1, keepdim=True) + self.epsilon).rsqrt() * self.weight


class Attention(nn.Module):
    """Causal attention with shared key and value heads, its probabilities written out."""

    def __init__(self, weights: Weights, name: str, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.qkv = Linear(weights, f"{name}.qkv_proj")
        self.out = Linear(weights, f"{name}.o_proj")
        self.tables = weights["cos_cache"], weights["sin_cache"]

    def forward(self, x: Tensor, future: Tensor) -> tuple[Tensor, Tensor]:
        """x [S, width] to the output [S, width] and the probabilities [H, S, S]."""
        heads, kv_heads = self.config.heads, self.config.kv_heads
        parts = self.qkv(x).unflatten(-1, (heads + 2 * kv_heads, -1)).transpose(0, 1)
        q, k, v = parts.split([heads, kv_heads, kv_heads])
        k, v = (part.repeat_interleave(heads // kv_heads, 0) for part in (self.rotate(k), v))
        scores = self.rotate(q) @ k.transpose(1, 2) * self.config.scale
        probabilities = scores.masked_fill(future, float("-inf")).softmax(-1)
        return self.out((probabilities @ v).transpose(0, 1).flatten(1)), probabilities

    def rotate(self, x: Tensor) -> Tensor:
        """Rotary embedding, halves not interleaved; x [heads, S, head width]."""
        cos, sin = (table[: x.shape[1]] for table in self.tables)
        first, second = x.chunk(2, -1)
        return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class Block(nn.Module):
    def __init__(self, weights: Weights, index: int, config: DecoderConfig) -> None:
        super().__init__()
        name = f"model.layers.{index}"
        self.norm1 = RmsNorm(weights, f"{name}.input_layernorm", config.epsilon)
        self.attention = Attention(weights, f"{name}.attn", config)
        self.norm2 = RmsNorm(weights, f"{name}.post_attention_layernorm", config.epsilon)
        self.gate, self.up, self.down = (Linear(weights, f"{name}.mlp.{p}_proj") for p in ("gate", "up", "down"))

    def forward(self, x: Tensor, future: Tensor) -> tuple[Tensor, Tensor]:
        attended, probabilities = self.attention(self.norm1(x), future)
        x = x + attended
        normed = self.norm2(x)
        return x + self.down(F.silu(self.gate(normed)) * self.up(normed)), probabilities


class Decoder(nn.Module):
    def __init__(self, config: DecoderConfig, weights: Weights) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(weights, index, config) for index in range(config.layers))
        self.norm = RmsNorm(weights, f"model.layers.{config.layers}.final_norm_layernorm", config.epsilon)
        self.head = Linear(weights, "lm_head")

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """x [S, width] to the logits [S, vocabulary], and each block's output [S, width] and probabilities [H, S, S]."""
        future = torch.ones(len(x), len(x), dtype=torch.bool).triu(1)
        outputs, attentions = [], []
        for block in self.blocks:
            x, probabilities = block(x, future)
            outputs.append(x)
            attentions.append(probabilities)
        return self.head(self.norm(x)), outputs, attentions

    def lens(self, y: Tensor) -> Tensor:
        """Logits [vocabulary] of one position's block output [width]."""
        return self.head(self.norm(y))
