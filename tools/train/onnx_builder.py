"""A few lines around onnx.helper: nodes with named outputs, initializers, constants."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MICROSOFT = "com.microsoft"


class GraphBuilder:
    """Collects the nodes and weights of one graph."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def weight(self, name: str, value: np.ndarray) -> str:
        """Adds an initializer once and gives its name."""
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def integers(self, name: str, *values: int) -> str:
        return self.weight(name, np.array(values, np.int64))

    def node(self, op: str, name: str, inputs: list[str], outputs: list[str] | None = None, domain: str = "", **attributes) -> str:
        """Adds a node; without `outputs` it has one, named after the node. Gives the first output's name."""
        outputs = outputs or [f"{name}/output_0"]
        self.nodes.append(helper.make_node(op, inputs, outputs, name=name, domain=domain, **attributes))
        return outputs[0]

    def linear(self, name: str, x: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        """x @ weight.T + bias for a PyTorch weight [out, in]; the file holds [in, out]."""
        key = name.strip("/").replace("/", ".")
        product = self.node("MatMul", f"{name}/MatMul", [x, self.weight(f"{key}.MatMul.weight", weight.T)])
        if bias is None:
            return product
        return self.node("Add", f"{name}/Add", [product, self.weight(f"{key}.bias", bias)])

    def model(self, inputs: list, outputs: list, opset: int = 21) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, "main_graph", inputs, outputs, list(self.initializers.values()))
        opsets = [helper.make_opsetid("", opset), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="dexar-tools")


def floats(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def integers(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, list(shape))
