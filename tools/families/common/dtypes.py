"""The weight types of the hub, made from a float32 file as the hub's own script makes them (ONNX Runtime's tools)."""

import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import onnx

SUFFIXES = {"fp16": "_fp16", "q8": "_quantized", "int8": "_int8", "uint8": "_uint8", "q4": "_q4", "q4f16": "_q4f16", "bnb4": "_bnb4"}


def convert(path: Path, dtypes: list[str], *, block: int = 32, keep_float: tuple[str, ...] = ()) -> None:
    """Writes the file beside `path` in each weight type. keep_float: inputs and outputs that stay float32 in half
    precision (the hub's decoders: inputs_embeds and logits)."""
    logging.disable(logging.WARNING)
    for dtype in dtypes:
        target = path.with_name(f"{path.stem}{SUFFIXES[dtype]}.onnx")
        MAKERS[dtype](path, target, block, keep_float)


def half(path: Path, target: Path, _: int, keep_float: tuple[str, ...]) -> None:
    from onnxruntime.transformers.float16 import convert_float_to_float16

    model = onnx.load(path)
    with warnings.catch_warnings():
        # Masks hold numbers beyond half precision: they become its lowest, as on the hub.
        warnings.simplefilter("ignore")
        onnx.save(convert_float_to_float16(model, keep_io_types=list(keep_float) or False, disable_shape_infer=True), target)


def four_bits(path: Path, target: Path, block: int, _: tuple[str, ...]) -> None:
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(onnx.load(path), block_size=block, is_symmetric=True)
    quantizer.process()
    onnx.save(quantizer.model.model, target)


def four_bits_half(path: Path, target: Path, block: int, keep_float: tuple[str, ...]) -> None:
    four_bits(path, target, block, keep_float)
    half(target, target, block, keep_float)


def bnb4(path: Path, target: Path, block: int, _: tuple[str, ...]) -> None:
    from onnxruntime.quantization.matmul_bnb4_quantizer import MatMulBnb4Quantizer

    quantizer = MatMulBnb4Quantizer(onnx.load(path), MatMulBnb4Quantizer.NF4, block)
    quantizer.process()
    onnx.save(quantizer.model.model, target)


def dynamic(kind: str) -> Callable[[Path, Path, int, tuple[str, ...]], None]:
    def make(path: Path, target: Path, _: int, __: tuple[str, ...]) -> None:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        # As the hub's script: weights of matrix products, one scale for a whole weight.
        quantize_dynamic(path, target, op_types_to_quantize=["MatMul"], weight_type=getattr(QuantType, kind),
                         extra_options={"EnableSubgraph": True, "MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT})  # fmt: skip

    return make


MAKERS: dict[str, Callable[[Path, Path, int, tuple[str, ...]], None]] = {
    "fp16": half, "q8": dynamic("QInt8"), "int8": dynamic("QInt8"), "uint8": dynamic("QUInt8"),
    "q4": four_bits, "q4f16": four_bits_half, "bnb4": bnb4,
}  # fmt: skip
