"""Shared code of the recipes of tiny test models: tokenizer, weights, ONNX export, weight types, golden values."""
