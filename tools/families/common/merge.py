"""Two decoders in one file, as optimum's merge_decoders writes them: both under one If, the weights they share outside."""

from pathlib import Path

import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper


def merge_decoders(first: Path, cached: Path, target: Path) -> None:
    """first: for the step without a cache (else branch); cached: for the steps after it (then branch)."""
    models = [onnx.load(first), onnx.load(cached)]
    shared = share_weights([model.graph for model in models])
    no_past, with_past = (model.graph for model in models)
    fill_outputs(no_past, with_past)
    inputs = list(no_past.input) + [i for i in with_past.input if i.name not in {j.name for j in no_past.input}]
    outputs = list(no_past.output)
    branches = [helper.make_graph(in_order(g), name, [], list(g.output), list(g.initializer))
                for g, name in ((with_past, "with_past"), (no_past, "no_past"))]  # fmt: skip
    node = helper.make_node(
        "If", ["use_cache_branch"], [o.name for o in outputs], "optimum::if", then_branch=branches[0], else_branch=branches[1]
    )
    condition = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    merged = helper.make_graph([node], "merged", [*inputs, condition], outputs, shared)
    model = helper.make_model(merged, opset_imports=list(models[0].opset_import), ir_version=models[0].ir_version)
    onnx.save(model, target)


def in_order(graph: GraphProto) -> list[NodeProto]:
    """The nodes each after those that it reads from, which ONNX Runtime demands of branches alone."""
    nodes = list(graph.node)
    made = {name: node for node in nodes for name in node.output}
    ordered: dict[int, NodeProto] = {}

    def visit(node: NodeProto) -> None:
        if id(node) in ordered:
            return
        for name in node.input:
            if name in made:
                visit(made[name])
        ordered[id(node)] = node

    for node in nodes:
        visit(node)
    return list(ordered.values())


def share_weights(graphs: list[GraphProto]) -> list[TensorProto]:
    """Takes the weights that all graphs hold out of them and gives each one name. Scalars and lists of sizes stay."""
    found: list[dict[bytes, TensorProto]] = [
        {tensor.raw_data + repr(tuple(tensor.dims)).encode(): tensor for tensor in graph.initializer if is_weight(tensor)}
        for graph in graphs
    ]
    common = set.intersection(*(set(weights) for weights in found))
    shared = []
    for key, tensor in found[0].items():
        if key in common:
            copy = TensorProto()
            copy.CopyFrom(tensor)
            copy.name = f"{tensor.name}_merged_{len(shared)}"
            shared.append(copy)
    names = {s.raw_data + repr(tuple(s.dims)).encode(): s.name for s in shared}
    for graph in graphs:
        known = {t.name: names[key] for t in graph.initializer if (key := t.raw_data + repr(tuple(t.dims)).encode()) in names}
        for node in graph.node:
            for i, name in enumerate(node.input):
                node.input[i] = known.get(name, name)
        kept = [t for t in graph.initializer if t.name not in known]
        del graph.initializer[:]
        graph.initializer.extend(kept)
    return shared


def is_weight(tensor: TensorProto) -> bool:
    return len(tensor.dims) > 1 or (len(tensor.dims) == 1 and tensor.data_type not in (TensorProto.INT32, TensorProto.INT64))


def fill_outputs(first: GraphProto, cached: GraphProto) -> None:
    """An encoder's cache does not change, so the second decoder gives an empty tensor in its place."""
    written = {output.name for output in cached.output}
    ordered = []
    for output in first.output:
        if output.name not in written:
            dims = [d.dim_value for d in output.type.tensor_type.shape.dim]
            dims[0], dims[2] = 0, 1
            empty = helper.make_tensor("empty", output.type.tensor_type.elem_type, dims, [])
            cached.node.append(helper.make_node("Constant", [], [output.name], f"Constant_{len(cached.node) + 1}", value=empty))
            ordered.append(output)
        else:
            ordered.append(next(o for o in cached.output if o.name == output.name))
    del cached.output[:]
    cached.output.extend(ordered)
