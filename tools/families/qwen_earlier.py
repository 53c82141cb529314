"""Decoders as onnxruntime-genai's builder made them before it had an operator for mRoPE.

Each layer works out its own table of cosines and sines by a matrix product of frequencies and positions, takes each
section from its own row of position_ids, and gives the tables to the plain RotaryEmbedding.
"""

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.helper import make_node as node


def tables_in_graph(model: onnx.ModelProto, *, theta: float, sections: list[int]) -> None:
    """Puts such tables in place of every MRotaryEmbedding."""
    graph, half = model.graph, sum(sections)
    frequencies = (1.0 / theta ** (np.arange(half) / half)).astype(np.float32)
    constants = {
        "model.inv_freq": frequencies, "mrope/one": np.array([1]), "mrope/two": np.array([2]), "mrope/zero": np.array(0),
        "mrope/step": np.array(1), "mrope/outer": np.array([0, 1, 3]), "mrope/three": np.array([3]), "mrope/first": np.array([0]),
        "mrope/tail": np.array([half, 1]), "mrope/half": np.array([half]), "mrope/last": np.array([-1]),
        "mrope/flat": np.array([-1, half]), "mrope/sections": np.array(sections),
        **{f"mrope/axis_{i}": np.array([i]) for i in range(3)},
    }  # fmt: skip
    nodes: list[onnx.NodeProto] = []
    tables: dict[str, list[str]] = {}
    for old in graph.node:
        if old.op_type != "MRotaryEmbedding":
            nodes.append(old)
            continue
        layer = old.name.rpartition("/attn/")[0]
        if layer not in tables:
            tables[layer] = [f"{layer}/attn/mrope/{name}" for name in ("places", "cos", "sin")]
            nodes.extend(table_nodes(f"{layer}/attn/mrope", old.input[1]))
        heads = next(a.i for a in old.attribute if a.name == "num_heads")
        name = old.name.replace("rotary/MRotaryEmbedding", "mrope/RotaryEmbedding")
        nodes.append(
            node(
                "RotaryEmbedding", [old.input[0], *tables[layer]], list(old.output), name=name, domain="com.microsoft",
                interleaved=0, num_heads=heads, rotary_embedding_dim=0,
            )
        )  # fmt: skip
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for n in nodes for name in n.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    kept += [numpy_helper.from_array(value, name) for name, value in constants.items()]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def table_nodes(base: str, positions: str) -> list[onnx.NodeProto]:
    """From position_ids [3, batch, sequence] to `places` [batch, sequence], `cos` and `sin` [batch * sequence, half]."""

    def at(name: str) -> str:
        return f"{base}/{name}"

    made = [
        node("Shape", [positions], [at("shape")]),
        node("Gather", [at("shape"), "mrope/one"], [at("batch")]),
        node("Unsqueeze", ["model.inv_freq", "mrope/outer"], [at("frequencies")]),
        node("Concat", ["mrope/three", at("batch"), "mrope/tail"], [at("wide")], axis=0),
        node("Expand", [at("frequencies"), at("wide")], [at("expanded")]),
        node("Unsqueeze", [positions, "mrope/two"], [at("column")]),
        node("Cast", [at("column")], [at("float")], to=onnx.TensorProto.FLOAT),
        node("MatMul", [at("expanded"), at("float")], [at("product")], name=at("freqs/MatMul")),
        node("Transpose", [at("product")], [at("angles")], perm=[0, 1, 3, 2]),
        node("Concat", [at("angles"), at("angles")], [at("twice")], axis=-1),
        node("Slice", [at("shape"), "mrope/one", "mrope/three", "mrope/first"], [at("rows")]),
        node("ReduceProd", [at("rows")], [at("count")], keepdims=0),
        node("Range", ["mrope/zero", at("count"), "mrope/step"], [at("order")]),
        node("Reshape", [at("order"), at("rows")], [at("places")]),
    ]
    for kind, op in (("cos", "Cos"), ("sin", "Sin")):
        parts = [at(f"{kind}/{i}") for i in range(3)]
        made += [
            node(op, [at("twice")], [at(f"{kind}/all")]),
            node("Slice", [at(f"{kind}/all"), "mrope/first", "mrope/half", "mrope/last"], [at(f"{kind}/half")]),
            node("Split", [at(f"{kind}/half"), "mrope/sections"], [f"{part}/section" for part in parts], axis=-1),
        ]
        for i, part in enumerate(parts):
            made += [
                node("Gather", [f"{part}/section", f"mrope/axis_{i}"], [f"{part}/row"], axis=0),
                node("Squeeze", [f"{part}/row", "mrope/first"], [part]),
            ]
        made += [
            node("Concat", parts, [at(f"{kind}/joined")], axis=-1),
            node("Reshape", [at(f"{kind}/joined"), "mrope/flat"], [at(kind)]),
        ]
    for n in made:
        n.name = n.name or f"{n.output[0]}/{n.op_type}"
    return made
