"""Sizes of the model and the fixed token ids; everything else derives from them."""

from dataclasses import dataclass

UNK, BOS, EOS, IMAGE, PAD = range(5)
SPECIAL_TOKENS = ["<unk>", "<s>", "</s>", "<image>", "<pad>"]

IMAGE_MEAN = (0.48145466, 0.4578275, 0.40821073)
IMAGE_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class VisionConfig:
    """CLIP vision transformer; the last layer's output without the class token goes to the projector."""

    image_size: int = 96
    patch_size: int = 8
    hidden_size: int = 160
    intermediate_size: int = 480
    layers: int = 4
    heads: int = 5
    layer_norm_eps: float = 1e-5

    @property
    def side(self) -> int:
        return self.image_size // self.patch_size

    @property
    def tokens(self) -> int:
        return self.side * self.side


@dataclass(frozen=True)
class TextConfig:
    """Llama decoder with grouped-query attention and tied embeddings."""

    vocab_size: int
    hidden_size: int = 192
    intermediate_size: int = 512
    layers: int = 4
    heads: int = 6
    kv_heads: int = 2
    head_dim: int = 32
    rms_norm_eps: float = 1e-5
    rope_theta: float = 10000.0
    max_positions: int = 512
