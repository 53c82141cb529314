"""Llama decoder in plain PyTorch, for whole sequences under any attention mask."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .attention import attend
from .config import TextConfig


class RmsNorm(nn.Module):
    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight.to(x.dtype), self.eps)


def rope_tables(config: TextConfig, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """cos and sin [positions, head_dim / 2], computed in float32 as in the shipped file."""
    steps = torch.arange(0, config.head_dim, 2, dtype=torch.float32) / config.head_dim
    angles = torch.outer(torch.arange(config.max_positions, dtype=torch.float32), config.rope_theta**-steps)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary embedding, halves not interleaved; x [batch, heads, length, head_dim], tables [batch, 1, length, half]."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class DecoderLayer(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        width = config.hidden_size
        self.q_size, self.kv_size = config.heads * config.head_dim, config.kv_heads * config.head_dim
        self.norm1 = RmsNorm(width, config.rms_norm_eps)
        self.norm2 = RmsNorm(width, config.rms_norm_eps)
        self.qkv = nn.Linear(width, self.q_size + 2 * self.kv_size, bias=False)
        self.out = nn.Linear(self.q_size, width, bias=False)
        self.gate_up = nn.Linear(width, 2 * config.intermediate_size, bias=False)
        self.down = nn.Linear(config.intermediate_size, width, bias=False)

    def heads(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values [batch, heads, length, head_dim]; keys and values of the shared heads."""
        batch, length, _ = x.shape
        parts = self.qkv(self.norm1(x)).split([self.q_size, self.kv_size, self.kv_size], dim=-1)
        q, k, v = (p.view(batch, length, -1, self.config.head_dim).transpose(1, 2) for p in parts)
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def finish(self, x: Tensor, z: Tensor) -> Tensor:
        """Block output from its input and the head outputs z [..., heads * head_dim]; row by row."""
        x = x + self.out(z)
        gate, up = self.gate_up(self.norm2(x)).chunk(2, dim=-1)
        return x + self.down(F.silu(gate) * up)

    def forward(self, x: Tensor, mask: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        q, k, v = self.heads(x, cos, sin)
        return self.finish(x, attend(q, k, v, mask))


class Decoder(nn.Module):
    """Embeddings, blocks, final norm; the head is the embedding matrix."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        self.norm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        cos, sin = rope_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def tables(self, positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        return self.cos[positions][:, None].to(dtype), self.sin[positions][:, None].to(dtype)

    def forward(self, x: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """Final hidden states (normed) of embeddings x [batch, length, width]; mask true where attention is allowed."""
        cos, sin = self.tables(positions, x.dtype)
        for layer in self.layers:
            x = layer(x, mask, cos, sin)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.embed.weight.T.to(hidden.dtype)
