"""The whole model and its initial weights."""

import torch
from torch import Tensor, nn

from .config import TextConfig, VisionConfig
from .decoder import Decoder
from .vision import Projector, VisionTower


class TinyLlava(nn.Module):
    def __init__(self, vision: VisionConfig, text: TextConfig) -> None:
        super().__init__()
        self.vision = VisionTower(vision)
        self.projector = Projector(vision.hidden_size, text.hidden_size)
        self.decoder = Decoder(text)
        self.apply(init_weights)
        # Blocks start as the identity: what they write is learned from nothing.
        for name, parameter in self.named_parameters():
            if name.endswith(("out.weight", "fc2.weight", "down.weight")):
                nn.init.zeros_(parameter)
        look_for_the_same(self.decoder)

    def image_tokens(self, pixels: Tensor) -> Tensor:
        """Projected patch features [batch, 144, text width]."""
        return self.projector(self.vision(pixels))


def init_weights(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=module.in_features**-0.5)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)


@torch.no_grad()
def look_for_the_same(decoder: Decoder) -> None:
    """The first query head of each group starts as a copy of its key head, so that it attends to what resembles the
    token: "dog" in a question to the patches that show a dog."""
    config = decoder.config
    group, width = config.heads // config.kv_heads, config.head_dim
    for layer in decoder.layers:
        for kv in range(config.kv_heads):
            query, key = kv * group * width, (config.heads + kv) * width
            layer.qkv.weight[query : query + width] = layer.qkv.weight[key : key + width]


def create_model(vocab_size: int, seed: int) -> TinyLlava:
    torch.manual_seed(seed)
    return TinyLlava(VisionConfig(), TextConfig(vocab_size=vocab_size))
