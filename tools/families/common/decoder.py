"""Decoders in the hub's two graph styles: decomposed (traced) and fused (onnxruntime-genai's model builder)."""

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from transformers import DynamicCache, PretrainedConfig, PreTrainedModel

from .parts import export, name_dimensions

NAME = "decoder_model_merged"
Rows = tuple[Tensor, ...]


def kv_shape(config: PretrainedConfig) -> tuple[int, int, int]:
    """Layers, key-value heads, head size."""
    heads = config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // heads
    return config.num_hidden_layers, getattr(config, "num_key_value_heads", None) or heads, size


class Decoder(nn.Module):
    """A text model with its head as the hub's decoders are: embeddings and cache in, logits and cache out.

    positions: how many rows position_ids has (0: no such input, counted from the attention mask; 3: mRoPE).
    """

    def __init__(self, text: nn.Module, head: nn.Module, config: PretrainedConfig, positions: int, keep: bool) -> None:
        super().__init__()
        self.text, self.head, self.config, self.positions, self.keep = text, head, config, positions, keep

    def mask(self, attention: Tensor, length: int | Tensor, window: int | None) -> Tensor:
        """[batch, 1, length, total]: 0 where a row may look, else the lowest number."""
        total = attention.shape[1]
        columns = torch.arange(total)[None]
        rows = (torch.arange(length) + (total - length))[:, None]
        seen = columns <= rows
        if window is not None:
            seen = seen & (columns > rows - window)
        seen = seen[None, None] & attention.bool()[:, None, None]
        return torch.where(seen, 0.0, torch.finfo(torch.float32).min)

    def masks(self, attention: Tensor, length: int | Tensor) -> Tensor | dict[str, Tensor]:
        window = getattr(self.config, "sliding_window", None)
        kinds = set(getattr(self.config, "layer_types", None) or [])
        if "sliding_attention" not in kinds:
            return self.mask(attention, length, None)
        return {"full_attention": self.mask(attention, length, None), "sliding_attention": self.mask(attention, length, window)}

    def forward(self, inputs_embeds: Tensor, attention_mask: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        rest_list = list(rest)
        length = inputs_embeds.shape[1]
        counted = (attention_mask.cumsum(1) - 1).clamp(min=0)[:, -length:]
        position_ids = rest_list.pop(0) if self.positions else counted
        keep = rest_list.pop(0) if self.keep else None
        cache = DynamicCache()
        for layer in range(len(rest_list) // 2):
            cache.update(rest_list[2 * layer], rest_list[2 * layer + 1], layer)
        y = self.text(
            inputs_embeds=inputs_embeds, attention_mask=self.masks(attention_mask, length), position_ids=position_ids,
            past_key_values=cache, use_cache=True,
        ).last_hidden_state  # fmt: skip
        logits = self.head(y if keep is None else y[:, -keep:])
        return logits, *(t for layer in cache.layers for t in (layer.keys, layer.values))


def export_decomposed(
    text: nn.Module,
    head: nn.Module,
    config: PretrainedConfig,
    path: Path,
    *,
    positions: int = 1,
    keep: bool = False,
    opset: int = 17,
) -> None:
    """Writes the traced decoder. text: the model up to its final norm; head: from there to logits."""
    layers, kv_heads, size = kv_shape(config)
    past, length = 3, 2
    names = [f"{n}.{kind}" for n in range(layers) for kind in ("key", "value")]
    inputs = {
        "inputs_embeds": torch.randn(1, length, config.hidden_size),
        "attention_mask": torch.ones(1, past + length, dtype=torch.int64),
    }
    places = torch.arange(past, past + length)[None]
    if positions:
        inputs["position_ids"] = places if positions == 1 else places.repeat(positions, 1, 1)
    if keep:
        inputs["num_logits_to_keep"] = torch.tensor(1)
    inputs |= {f"past_key_values.{name}": torch.randn(1, kv_heads, past, size) for name in names}
    axes = {
        "inputs_embeds": {0: "batch_size", 1: "sequence_length"},
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": {0: "batch_size", 1: "sequence_length"} if positions == 1 else {1: "batch_size", 2: "sequence_length"},
        "logits": {0: "batch_size", 1: "sequence_length"},
    }
    axes = {name: value for name, value in axes.items() if name in inputs or name == "logits"}
    axes |= {f"past_key_values.{name}": {0: "batch_size", 2: "past_sequence_length"} for name in names}
    axes |= {f"present.{name}": {0: "batch_size", 2: "total_sequence_length"} for name in names}
    for module in (text, head):
        if isinstance(module, PreTrainedModel):
            module.set_attn_implementation("eager")
    export(Decoder(text, head, config, positions, keep), path, inputs, ["logits", *(f"present.{n}" for n in names)], axes, opset)


def build_fused(
    model: PreTrainedModel,
    tokenizer_folder: Path,
    path: Path,
    *,
    options: dict[str, str] | None = None,
    architecture: str | None = None,
    adjust: Callable[[onnx.ModelProto], None] | None = None,
) -> None:
    """Writes the decoder that onnxruntime-genai's builder makes of a causal language model, weights inside.

    model: a model as the builder knows it (LlamaForCausalLM, …) in float32; `options`: extra options of the builder.
    """
    import onnxruntime_genai

    sys.path.insert(0, str(Path(onnxruntime_genai.__file__).parent / "models"))
    import builder

    with tempfile.TemporaryDirectory() as work:
        source, out = Path(work) / "source", Path(work) / "out"
        if architecture is not None:
            model.config.architectures = [architecture]
        model.save_pretrained(source)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            (source / name).write_bytes((tokenizer_folder / name).read_bytes())
        wanted = {"exclude_embeds": "true", "hf_token": "false", "shared_embeddings": "false"} | (options or {})
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            parsed = builder.parse_extra_options(
                None, str(source), str(out), "fp32", "cpu", work, [f"{k}={v}" for k, v in wanted.items()]
            )
            builder.create_model(None, str(source), str(out), "fp32", "cpu", work, **parsed)
        finish_fused(onnx.load(out / "model.onnx"), kv_shape(model.config.get_text_config()), path, adjust)


def finish_fused(
    graph: onnx.ModelProto, shape: tuple[int, int, int], path: Path, adjust: Callable[[onnx.ModelProto], None] | None
) -> None:
    """Gives the cache its head size (older builders do; transformers.js takes an unknown size for 0) and saves one file."""
    _, kv_heads, size = shape
    for value in [*graph.graph.input, *graph.graph.output]:
        if value.name.endswith((".key", ".value")):
            length = "past_sequence_length" if value.name.startswith("past") else "total_sequence_length"
            name_dimensions(value, ["batch_size", kv_heads, length, size])
    del graph.graph.value_info[:]
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    if adjust is not None:
        adjust(graph)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(graph, path)


