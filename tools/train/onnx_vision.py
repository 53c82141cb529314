"""Vision tower with projector, and the embedding table, as plain ONNX graphs."""

import numpy as np
import onnx

from .model import TinyLlava
from .onnx_builder import GraphBuilder, floats, integers
from .onnx_decoder import to_numpy


class VisionGraph:
    def __init__(self, model: TinyLlava) -> None:
        self.model, self.tower, self.config, self.g = model, model.vision, model.vision.config, GraphBuilder()

    def build(self) -> onnx.ModelProto:
        """pixel_values [batch, 3, 96, 96] -> image_features [batch, 144, text width]."""
        x = self.embeddings()
        x = self.layer_norm("/vision_model/pre_layrnorm", x, self.tower.pre_norm)
        for index, layer in enumerate(self.tower.layers):
            x = self.layer(f"/vision_model/encoder/layers.{index}", x, layer)
        self.projector(self.without_class_token(x))
        size = self.config.image_size
        width = self.model.decoder.config.hidden_size
        return self.g.model(
            [floats("pixel_values", "batch_size", 3, size, size)],
            [floats("image_features", "batch_size", self.config.tokens, width)],
        )

    def embeddings(self) -> str:
        g, config, path = self.g, self.config, "/vision_model/embeddings"
        width, patch = config.hidden_size, config.patch_size
        kernel = g.weight("vision_model.embeddings.patch_embedding.weight", to_numpy(self.tower.patch.weight).reshape(width, 3, patch, patch))
        image = g.node("Conv", f"{path}/patch_embedding/Conv", ["pixel_values", kernel], kernel_shape=[patch, patch], strides=[patch, patch])
        flat = g.node("Reshape", f"{path}/Reshape", [image, g.integers("shape.patches", 0, width, config.tokens)])
        rows = g.node("Transpose", f"{path}/Transpose", [flat], perm=[0, 2, 1])
        first = g.weight("vision_model.embeddings.class_embedding", to_numpy(self.tower.class_embedding)[None, None])
        batch = g.node("Shape", f"{path}/Shape", ["pixel_values"], start=0, end=1)
        shape = g.node("Concat", f"{path}/Shape/Concat", [batch, g.integers("shape.class", 1, width)], axis=0)
        expanded = g.node("Expand", f"{path}/Expand", [first, shape])
        joined = g.node("Concat", f"{path}/Concat", [expanded, rows], axis=1)
        position = g.weight("vision_model.embeddings.position_embedding.weight", to_numpy(self.tower.position))
        return g.node("Add", f"{path}/Add", [joined, position])

    def layer_norm(self, path: str, x: str, norm) -> str:
        key = path.strip("/").replace("/", ".")
        weights = [self.g.weight(f"{key}.weight", to_numpy(norm.weight)), self.g.weight(f"{key}.bias", to_numpy(norm.bias))]
        return self.g.node("LayerNormalization", f"{path}/LayerNormalization", [x, *weights], axis=-1, epsilon=norm.eps)

    def layer(self, path: str, x: str, layer) -> str:
        g = self.g
        attended = self.attention(f"{path}/self_attn", self.layer_norm(f"{path}/layer_norm1", x, layer.norm1), layer)
        x = g.node("Add", f"{path}/Add", [x, attended])
        hidden = self.linear(f"{path}/mlp/fc1", self.layer_norm(f"{path}/layer_norm2", x, layer.norm2), layer.fc1)
        scaled = g.node("Mul", f"{path}/mlp/act/Mul", [hidden, g.weight("quick_gelu", np.float32(1.702))])
        gate = g.node("Sigmoid", f"{path}/mlp/act/Sigmoid", [scaled])
        hidden = g.node("Mul", f"{path}/mlp/act/Mul_1", [hidden, gate])
        return g.node("Add", f"{path}/Add_1", [x, self.linear(f"{path}/mlp/fc2", hidden, layer.fc2)])

    def attention(self, path: str, x: str, layer) -> str:
        g, heads, width = self.g, self.config.heads, self.config.hidden_size
        weights, biases = np.split(to_numpy(layer.qkv.weight), 3), np.split(to_numpy(layer.qkv.bias), 3)
        split = g.integers("shape.heads", 0, -1, heads, width // heads)
        parts = {}
        for name, weight, bias in zip(("q", "k", "v"), weights, biases):
            flat = g.linear(f"{path}/{name}_proj", x, weight, bias)
            shaped = g.node("Reshape", f"{path}/{name}/Reshape", [flat, split])
            order = [0, 2, 3, 1] if name == "k" else [0, 2, 1, 3]
            parts[name] = g.node("Transpose", f"{path}/{name}/Transpose", [shaped], perm=order)
        scale = g.weight("attention_scale", np.float32((width // heads) ** -0.5))
        query = g.node("Mul", f"{path}/Mul", [parts["q"], scale])
        scores = g.node("MatMul", f"{path}/MatMul", [query, parts["k"]])
        probabilities = g.node("Softmax", f"{path}/Softmax", [scores], axis=-1)
        z = g.node("MatMul", f"{path}/MatMul_1", [probabilities, parts["v"]])
        rows = g.node("Transpose", f"{path}/Transpose", [z], perm=[0, 2, 1, 3])
        joined = g.node("Reshape", f"{path}/Reshape", [rows, g.integers("shape.width", 0, -1, width)])
        return self.linear(f"{path}/out_proj", joined, layer.out)

    def linear(self, path: str, x: str, module) -> str:
        return self.g.linear(path, x, to_numpy(module.weight), to_numpy(module.bias))

    def without_class_token(self, x: str) -> str:
        g = self.g
        bounds = [g.integers("slice.start", 1), g.integers("slice.end", 2**31 - 1), g.integers("slice.axis", 1)]
        return g.node("Slice", "/Slice", [x, *bounds])

    def projector(self, x: str) -> None:
        g, projector = self.g, self.model.projector
        hidden = self.linear("/multi_modal_projector/linear_1", x, projector.linear1)
        root = g.weight("gelu.root", np.float32(2**0.5))
        erf = g.node("Erf", "/multi_modal_projector/act/Erf", [g.node("Div", "/multi_modal_projector/act/Div", [hidden, root])])
        plus = g.node("Add", "/multi_modal_projector/act/Add", [erf, g.weight("gelu.one", np.float32(1))])
        product = g.node("Mul", "/multi_modal_projector/act/Mul", [hidden, plus])
        active = g.node("Mul", "/multi_modal_projector/act/Mul_1", [product, g.weight("gelu.half", np.float32(0.5))])
        last = self.linear("/multi_modal_projector/linear_2", active, projector.linear2)
        g.node("Identity", "/image_features", [last], ["image_features"])


def embedding_graph(model: TinyLlava) -> onnx.ModelProto:
    """input_ids -> inputs_embeds."""
    g, config = GraphBuilder(), model.decoder.config
    table = g.weight("embed_tokens.weight", to_numpy(model.decoder.embed.weight))
    g.node("Gather", "/embed_tokens/Gather", [table, "input_ids"], ["inputs_embeds"])
    ids = integers("input_ids", "batch_size", "sequence_length")
    return g.model([ids], [floats("inputs_embeds", "batch_size", "sequence_length", config.hidden_size)])
