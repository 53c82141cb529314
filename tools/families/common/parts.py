"""Export of PyTorch modules as the ONNX files of a model folder (TorchScript tracing, as most of the hub's files)."""

import warnings
from pathlib import Path

import onnx
import torch
from onnx import helper
from torch import Tensor, nn

OPSET = 17


def export(
    module: nn.Module,
    path: Path,
    inputs: dict[str, Tensor],
    outputs: list[str],
    dynamic: dict[str, dict[int, str]],
    opset: int = OPSET,
) -> None:
    """Traces `module` with `inputs` in the order of its forward, and writes `path`, weights inside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs,
            dynamic_axes=dynamic, opset_version=opset, dynamo=False, do_constant_folding=True,
        )  # fmt: skip
    tidy(path)


def tidy(path: Path) -> None:
    """Leaves out what only fills the file: shapes of inner tensors, source lines, doc texts."""
    model = onnx.load(path)
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.save(model, path)


def shorten(path: Path) -> None:
    """Gives nodes and inner tensors short names: a third of a traced graph's bytes are names."""
    model = onnx.load(path)
    graph = model.graph
    kept = {value.name for value in [*graph.input, *graph.output]}
    names: dict[str, str] = {"": ""} | {name: name for name in kept}
    for at, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{at}"
        for i, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}.{i}" if i else node.name)
    for at, tensor in enumerate(graph.initializer):
        tensor.name = names.setdefault(tensor.name, f"w{at}")
    for node in graph.node:
        for list_ in (node.input, node.output):
            for i, name in enumerate(list_):
                list_[i] = names[name]
    onnx.save(model, path)


class Embedding(nn.Module):
    def __init__(self, embedding: nn.Module) -> None:
        super().__init__()
        self.embedding = embedding

    def forward(self, input_ids: Tensor) -> Tensor:
        return self.embedding(input_ids)


def export_embedding(embedding: nn.Module, folder: Path) -> None:
    """onnx/embed_tokens.onnx: input_ids [batch, sequence] to inputs_embeds."""
    batch = {0: "batch_size", 1: "sequence_length"}
    export(
        Embedding(embedding), folder / "onnx" / "embed_tokens.onnx", {"input_ids": torch.tensor([[1, 2, 3]])},
        ["inputs_embeds"], {"input_ids": batch, "inputs_embeds": batch},
    )  # fmt: skip


def name_dimensions(value: onnx.ValueInfoProto, dims: list[int | str]) -> None:
    """Replaces the shape of an input or output."""
    kind = value.type.tensor_type.elem_type
    value.CopyFrom(helper.make_tensor_value_info(value.name, kind, dims))
