"""The decoder as a fused ONNX graph: GroupQueryAttention with rotary inside, SkipSimplifiedLayerNormalization, logits of
every position, key-value cache. The same operators and names as ONNX Runtime's model builder writes."""

import numpy as np
import onnx
from onnx import TensorProto

from .decoder import Decoder, rope_tables
from .onnx_builder import MICROSOFT, GraphBuilder, floats, integers


def to_numpy(tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()


class DecoderGraph:
    def __init__(self, decoder: Decoder) -> None:
        self.decoder, self.config, self.g = decoder, decoder.config, GraphBuilder()

    def build(self) -> onnx.ModelProto:
        """inputs_embeds, attention_mask, past_key_values -> logits, present."""
        config, g = self.config, self.g
        self.attention_lengths()
        cos, sin = rope_tables(config)
        g.weight("cos_cache", to_numpy(cos))
        g.weight("sin_cache", to_numpy(sin))
        residual, branch = "inputs_embeds", None
        for index, layer in enumerate(self.decoder.layers):
            residual, branch = self.layer(index, layer, residual, branch)
        last = config.layers
        normed, _ = self.norm(f"/model/layers.{last}/final_norm_layernorm", self.decoder.norm, residual, branch, False)
        weight = g.weight("lm_head.MatMul.weight", to_numpy(self.decoder.embed.weight).T)
        g.node("MatMul", "/lm_head/MatMul", [normed, weight], ["logits"])
        return g.model(self.inputs(), self.outputs())

    def attention_lengths(self) -> None:
        """Lengths that GroupQueryAttention wants, from the attention mask: past and new tokens of each sequence, and in all."""
        g, path = self.g, "/model/attn_mask_reformat/attn_mask_subgraph"
        one, at = g.integers("/model/constants/INT64/[1]", 1), g.weight("/model/constants/INT64/1", np.int64(1))
        count = g.node("ReduceSum", f"{path}/ReduceSum", ["attention_mask", one], keepdims=1)
        minus = g.node("Sub", f"{path}/Sub", [count, one])
        self.sequence_lengths = g.node("Cast", f"{path}/Sub/Cast", [minus], to=TensorProto.INT32)
        shape = g.node("Shape", f"{path}/Shape", ["attention_mask"])
        total = g.node("Gather", f"{path}/Gather", [shape, at], axis=0)
        self.total_length = g.node("Cast", f"{path}/Gather/Cast", [total], to=TensorProto.INT32)

    def norm(self, path: str, norm, residual: str, branch: str | None, keep_sum: bool = True) -> tuple[str, str]:
        """RMS norm of residual + branch; gives the normed rows and the sum."""
        g = self.g
        weight = g.weight(f"{path.strip('/').replace('/', '.')}.weight", to_numpy(norm.weight))
        normed, total = f"{path}/output_0", f"{path}/output_3"
        if branch is None:
            node = f"{path}/LayerNorm"
            g.node("SimplifiedLayerNormalization", node, [residual, weight], [normed], epsilon=norm.eps, axis=-1, stash_type=1)
            return normed, residual
        outputs = [normed, "", "", total] if keep_sum else [normed]
        g.node("SkipSimplifiedLayerNormalization", f"{path}/SkipLayerNorm", [residual, branch, weight], outputs, MICROSOFT, epsilon=norm.eps)
        return normed, total

    def layer(self, index: int, layer, residual: str, branch: str | None) -> tuple[str, str]:
        g, path = self.g, f"/model/layers.{index}"
        normed, residual = self.norm(f"{path}/input_layernorm", layer.norm1, residual, branch)
        attended = self.attention(index, layer, normed)
        normed, residual = self.norm(f"{path}/post_attention_layernorm", layer.norm2, residual, attended)
        gate_weight, up_weight = np.split(to_numpy(layer.gate_up.weight), 2)
        gate = g.linear(f"{path}/mlp/gate_proj", normed, gate_weight)
        up = g.linear(f"{path}/mlp/up_proj", normed, up_weight)
        sigmoid = g.node("Sigmoid", f"{path}/mlp/act_fn/Sigmoid", [gate])
        silu = g.node("Mul", f"{path}/mlp/act_fn/Mul", [gate, sigmoid])
        hidden = g.node("Mul", f"{path}/mlp/Mul", [silu, up])
        return residual, g.linear(f"{path}/mlp/down_proj", hidden, to_numpy(layer.down.weight))

    def attention(self, index: int, layer, x: str) -> str:
        g, config, path = self.g, self.config, f"/model/layers.{index}/attn"
        qkv = g.linear(f"{path}/qkv_proj", x, to_numpy(layer.qkv.weight))
        past = [f"past_key_values.{index}.{part}" for part in ("key", "value")]
        inputs = [qkv, "", "", *past, self.sequence_lengths, self.total_length, "cos_cache", "sin_cache"]
        outputs = [f"{path}/GroupQueryAttention/output_0", f"present.{index}.key", f"present.{index}.value"]
        g.node(
            "GroupQueryAttention", f"{path}/GroupQueryAttention", inputs, outputs, MICROSOFT,
            num_heads=config.heads, kv_num_heads=config.kv_heads, scale=config.head_dim**-0.5,
            local_window_size=-1, softcap=0.0, do_rotary=1, rotary_interleaved=0,
        )  # fmt: skip
        return g.linear(f"{path}/o_proj", outputs[0], to_numpy(layer.out.weight))

    def cache(self, prefix: str, length: str) -> list:
        config = self.config
        names = [f"{prefix}.{i}.{part}" for i in range(config.layers) for part in ("key", "value")]
        return [floats(name, "batch_size", config.kv_heads, length, config.head_dim) for name in names]

    def inputs(self) -> list:
        embeds = floats("inputs_embeds", "batch_size", "sequence_length", self.config.hidden_size)
        mask = integers("attention_mask", "batch_size", "total_sequence_length")
        return [embeds, mask, *self.cache("past_key_values", "past_sequence_length")]

    def outputs(self) -> list:
        logits = floats("logits", "batch_size", "sequence_length", self.config.vocab_size)
        return [logits, *self.cache("present", "total_sequence_length")]
