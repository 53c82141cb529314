"""The shipped model in float64, rebuilt from the weights in its ONNX files, with explicit attention probabilities.

Written apart from model.py and from the closed form, so that the two can be checked against each other.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

Weights = dict[str, Tensor]


def read_weights(file: Path) -> Weights:
    """All initializers as float64 (integers stay as they are)."""
    tensors = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in onnx.load(file).graph.initializer}
    return {name: t.double() if t.is_floating_point() else t for name, t in tensors.items()}


def linear(weights: Weights, name: str, x: Tensor) -> Tensor:
    out = x @ weights[f"{name}.MatMul.weight"]
    bias = weights.get(f"{name}.bias")
    return out if bias is None else out + bias


def layer_norm(weights: Weights, name: str, x: Tensor, eps: float) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    scaled = centred / (centred.square().mean(-1, keepdim=True) + eps).sqrt()
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def rms_norm(weight: Tensor, x: Tensor, eps: float) -> Tensor:
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * weight


class OracleVision:
    """CLIP tower and projector."""

    def __init__(self, folder: Path, config: dict) -> None:
        self.weights, self.config = read_weights(folder / "onnx" / "vision_encoder.onnx"), config["vision_config"]

    def features(self, pixels: Tensor) -> Tensor:
        """pixels [3, 96, 96] to image tokens [144, text width]."""
        w, patch = self.weights, self.config["patch_size"]
        side = self.config["image_size"] // patch
        kernel = w["vision_model.embeddings.patch_embedding.weight"].flatten(1)
        cut = pixels.view(3, side, patch, side, patch).permute(1, 3, 0, 2, 4).reshape(side * side, -1)
        first = w["vision_model.embeddings.class_embedding"][0]
        x = torch.cat([first, cut @ kernel.T]) + w["vision_model.embeddings.position_embedding.weight"]
        x = self.norm("vision_model.pre_layrnorm", x)
        for index in range(self.config["num_hidden_layers"]):
            x = self.layer(f"vision_model.encoder.layers.{index}", x)
        hidden = linear(w, "multi_modal_projector.linear_1", x[1:])
        hidden = 0.5 * hidden * (1 + torch.erf(hidden / 2**0.5))
        return linear(w, "multi_modal_projector.linear_2", hidden)

    def norm(self, name: str, x: Tensor) -> Tensor:
        return layer_norm(self.weights, name, x, self.config["layer_norm_eps"])

    def layer(self, name: str, x: Tensor) -> Tensor:
        normed, heads = self.norm(f"{name}.layer_norm1", x), self.config["num_attention_heads"]
        part = lambda p: linear(self.weights, f"{name}.self_attn.{p}_proj", normed).view(len(x), heads, -1).transpose(0, 1)
        q, k, v = part("q"), part("k"), part("v")
        attention = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1)
        x = x + linear(self.weights, f"{name}.self_attn.out_proj", (attention @ v).transpose(0, 1).flatten(1))
        hidden = linear(self.weights, f"{name}.mlp.fc1", self.norm(f"{name}.layer_norm2", x))
        return x + linear(self.weights, f"{name}.mlp.fc2", hidden * torch.sigmoid(1.702 * hidden))


class OracleDecoder:
    """Llama decoder that hands out, for every layer, its attention probabilities and its lens logits."""

    def __init__(self, folder: Path, config: dict) -> None:
        self.weights, self.config = read_weights(folder / "onnx" / "decoder_model_merged.onnx"), config["text_config"]
        self.table = read_weights(folder / "onnx" / "embed_tokens.onnx")["embed_tokens.weight"]

    def embed(self, ids: list[int]) -> Tensor:
        return self.table[torch.tensor(ids, dtype=torch.long)]

    def forward(self, x: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """x [S, width] to attention probabilities [H, S, S] and lens logits [S, vocabulary] of each layer."""
        probabilities, lenses = [], []
        for index in range(self.config["num_hidden_layers"]):
            x, attention = self.layer(f"model.layers.{index}", x)
            probabilities.append(attention)
            lenses.append(self.lens(x))
        return probabilities, lenses

    def lens(self, x: Tensor) -> Tensor:
        last = self.config["num_hidden_layers"]
        normed = self.norm(f"model.layers.{last}.final_norm_layernorm", x)
        return normed @ self.weights["lm_head.MatMul.weight"]

    def norm(self, name: str, x: Tensor) -> Tensor:
        return rms_norm(self.weights[f"{name}.weight"], x, self.config["rms_norm_eps"])

    def layer(self, name: str, x: Tensor) -> tuple[Tensor, Tensor]:
        w = self.weights
        q, k, v = self.heads(linear(w, f"{name}.attn.qkv_proj", self.norm(f"{name}.input_layernorm", x)))
        scores = q @ k.transpose(1, 2) / self.config["head_dim"] ** 0.5
        future = torch.ones(len(x), len(x), dtype=torch.bool).triu(1)
        attention = scores.masked_fill(future, float("-inf")).softmax(-1)
        x = x + linear(w, f"{name}.attn.o_proj", (attention @ v).transpose(0, 1).flatten(1))
        normed = self.norm(f"{name}.post_attention_layernorm", x)
        gate, up = linear(w, f"{name}.mlp.gate_proj", normed), linear(w, f"{name}.mlp.up_proj", normed)
        return x + linear(w, f"{name}.mlp.down_proj", gate * torch.sigmoid(gate) * up), attention

    def heads(self, qkv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rotated queries and keys, and values, [H, S, head_dim]; shared heads repeated."""
        config, length = self.config, len(qkv)
        heads, kv, width = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
        q, k, v = qkv.view(length, -1, width).transpose(0, 1).split([heads, kv, kv])
        repeat = lambda part: part.repeat_interleave(heads // kv, 0)
        return self.rotate(q), repeat(self.rotate(k)), repeat(v)

    def rotate(self, x: Tensor) -> Tensor:
        cos, sin = (self.weights[f"{name}_cache"][: x.shape[1]] for name in ("cos", "sin"))
        first, second = x.chunk(2, -1)
        return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def pixel_values(image: np.ndarray, preprocessor: dict) -> Tensor:
    """uint8 [96, 96, 3] to what the vision tower gets, as float32 values in float64."""
    mean, std = (np.array(preprocessor[key], np.float64) for key in ("image_mean", "image_std"))
    values = (image.astype(np.float64) * preprocessor["rescale_factor"] - mean) / std
    return torch.from_numpy(values.astype(np.float32).transpose(2, 0, 1).copy()).double()
