"""Reads the benchmark's float32 decoder: sizes from the graph, weights mapped where they lie in the file."""

from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor

FLOAT_BYTES = 4


@dataclass(frozen=True)
class DecoderConfig:
    layers: int
    heads: int
    kv_heads: int
    scale: float
    """Factor of the attention scores."""
    epsilon: float
    """Of all norms."""


def read_decoder(file: Path) -> tuple[DecoderConfig, dict[str, Tensor]]:
    """The sizes of a decoder in the fused style, and its weights by name."""
    graph = load_graph(file)
    attention = [node for node in graph.node if node.op_type == "GroupQueryAttention"]
    norm = [node for node in graph.node if node.op_type == "SkipSimplifiedLayerNormalization"]
    if not attention or not norm:
        raise SystemExit(f"{file}: not a decoder in the fused style (it has no GroupQueryAttention nodes)")
    sizes, epsilon = attributes(attention[0]), attributes(norm[0])["epsilon"]
    config = DecoderConfig(len(attention), sizes["num_heads"], sizes["kv_num_heads"], sizes["scale"], epsilon)
    return config, mapped_weights(file, graph)


def read_embedding(file: Path) -> Tensor:
    """The table of token embeddings [vocabulary, width]."""
    return mapped_weights(file, load_graph(file))["embed_tokens.weight"]


def load_graph(file: Path) -> onnx.GraphProto:
    return onnx.load(file, load_external_data=False).graph


def attributes(node: onnx.NodeProto) -> dict:
    return {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}


def mapped_weights(file: Path, graph: onnx.GraphProto) -> dict[str, Tensor]:
    """All tensors that lie in the file of external data, as views of it: nothing is read before it is used."""
    external = [tensor for tensor in graph.initializer if tensor.external_data]
    ranges = {tensor.name: {entry.key: entry.value for entry in tensor.external_data} for tensor in external}
    wrong = next((tensor.name for tensor in external if tensor.data_type != onnx.TensorProto.FLOAT), None)
    if wrong is not None:
        raise SystemExit(f"{file}: {wrong} is not float32; only float32 decoders are read here")
    data = {place["location"]: map_floats(file.with_name(place["location"])) for place in ranges.values()}
    weights = {}
    for tensor in external:
        place = ranges[tensor.name]
        first, count = int(place["offset"]) // FLOAT_BYTES, int(place["length"]) // FLOAT_BYTES
        weights[tensor.name] = data[place["location"]][first : first + count].view(*tensor.dims)
    return weights


def map_floats(file: Path) -> Tensor:
    return torch.from_file(str(file), shared=False, size=file.stat().st_size // FLOAT_BYTES)
