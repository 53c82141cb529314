"""CLIP vision tower and LLaVA projector in plain PyTorch."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .attention import attend
from .config import VisionConfig


class VisionLayer(nn.Module):
    """Pre-norm transformer block with quick-GELU, as in CLIP."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.heads
        self.norm1 = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.norm2 = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.fc1 = nn.Linear(width, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        x = x + self.out(attend(qkv[0], qkv[1], qkv[2], None))
        hidden = self.fc1(self.norm2(x))
        return x + self.fc2(hidden * torch.sigmoid(1.702 * hidden))


class VisionTower(nn.Module):
    """Pixels [batch, 3, 96, 96] to patch features [batch, 144, width]."""

    def __init__(self, config: VisionConfig) -> None:
        super().__init__()
        self.config = config
        width = config.hidden_size
        self.patch = nn.Linear(3 * config.patch_size**2, width, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(width) * 0.02)
        self.position = nn.Parameter(torch.randn(config.tokens + 1, width) * 0.02)
        self.pre_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.layers = nn.ModuleList(VisionLayer(config) for _ in range(config.layers))

    def patches(self, pixels: Tensor) -> Tensor:
        """Pixels cut into rows of 3 * 8 * 8 numbers, in the order of a convolution kernel."""
        size, side = self.config.patch_size, self.config.side
        cut = pixels.view(-1, 3, side, size, side, size).permute(0, 2, 4, 1, 3, 5)
        return cut.reshape(-1, side * side, 3 * size * size)

    def forward(self, pixels: Tensor) -> Tensor:
        x = self.patch(self.patches(pixels))
        first = self.class_embedding.expand(len(x), 1, -1).to(x.dtype)
        x = self.pre_norm(torch.cat([first, x], dim=1) + self.position)
        for layer in self.layers:
            x = layer(x)
        return x[:, 1:]


class Projector(nn.Module):
    """Two linear layers with GELU between, from vision width to text width."""

    def __init__(self, vision_width: int, text_width: int) -> None:
        super().__init__()
        self.linear1 = nn.Linear(vision_width, text_width)
        self.linear2 = nn.Linear(text_width, text_width)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear2(F.gelu(self.linear1(x)))
