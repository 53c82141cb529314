"""Four-bit twin of a graph: every MatMul with a weight becomes MatMulNBits (block 32, symmetric, float32 arithmetic)."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .onnx_builder import MICROSOFT

BLOCK = 32
#: Scales tried for each block, as shares of the one that fits its largest weight.
SHARES = np.linspace(0.75, 1.0, 11)


def quantise(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """weight [K, N] to packed nibbles [N, K / 32, 16] and scales [N, K / 32]; value = (nibble - 8) * scale."""
    blocks = weight.T.reshape(weight.shape[1], -1, BLOCK).astype(np.float32)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], -1)
    best_scale, best_error, best_codes = None, None, None
    for share in SHARES:
        scale = np.where(largest == 0, 1.0, largest * share / -8).astype(np.float32)
        codes = np.clip(np.rint(blocks / scale), -8, 7)
        error = ((codes * scale - blocks) ** 2).sum(-1, keepdims=True)
        better = True if best_error is None else error < best_error
        best_scale = scale if best_error is None else np.where(better, scale, best_scale)
        best_codes = codes if best_error is None else np.where(better, codes, best_codes)
        best_error = error if best_error is None else np.minimum(error, best_error)
    nibbles = (best_codes + 8).astype(np.uint8)
    return nibbles[..., ::2] | nibbles[..., 1::2] << 4, best_scale[..., 0]


def quantised(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with 4-bit weights; everything else is unchanged."""
    out = onnx.ModelProto()
    out.CopyFrom(model)
    weights = {t.name: t for t in out.graph.initializer}
    nodes, dropped = [], set()
    for node in out.graph.node:
        tensor = weights.get(node.input[1]) if node.op_type == "MatMul" else None
        if tensor is None or tensor.dims[0] % BLOCK:
            nodes.append(node)
            continue
        value = numpy_helper.to_array(tensor)
        packed, scales = quantise(value)
        names = [f"{tensor.name}_Q4", f"{tensor.name}_scales"]
        out.graph.initializer.extend(numpy_helper.from_array(a, n) for a, n in zip((packed, scales), names))
        dropped.add(tensor.name)
        nodes.append(
            helper.make_node(
                "MatMulNBits", [node.input[0], *names], list(node.output), name=f"{node.name}_Q4", domain=MICROSOFT,
                K=value.shape[0], N=value.shape[1], bits=4, block_size=BLOCK, accuracy_level=0,
            )  # fmt: skip
        )
    kept = [t for t in out.graph.initializer if t.name not in dropped]
    del out.graph.initializer[:], out.graph.node[:]
    out.graph.initializer.extend(kept)
    out.graph.node.extend(nodes)
    return out
