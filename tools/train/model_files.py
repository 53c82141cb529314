"""The JSON files beside the ONNX graphs, in the layout that transformers.js loads."""

import json
from pathlib import Path

from .config import BOS, EOS, IMAGE, IMAGE_MEAN, IMAGE_STD, PAD, TextConfig, VisionConfig


def text_config(text: TextConfig) -> dict:
    return {
        "model_type": "llama",
        "vocab_size": text.vocab_size,
        "max_position_embeddings": text.max_positions,
        "hidden_size": text.hidden_size,
        "intermediate_size": text.intermediate_size,
        "num_hidden_layers": text.layers,
        "num_attention_heads": text.heads,
        "num_key_value_heads": text.kv_heads,
        "head_dim": text.head_dim,
        "hidden_act": "silu",
        "rms_norm_eps": text.rms_norm_eps,
        "rope_theta": text.rope_theta,
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "pad_token_id": PAD,
    }


def vision_config(vision: VisionConfig, projection: int) -> dict:
    return {
        "model_type": "clip_vision_model",
        "hidden_size": vision.hidden_size,
        "intermediate_size": vision.intermediate_size,
        "projection_dim": projection,
        "num_hidden_layers": vision.layers,
        "num_attention_heads": vision.heads,
        "num_channels": 3,
        "patch_size": vision.patch_size,
        "image_size": vision.image_size,
        "layer_norm_eps": vision.layer_norm_eps,
        "hidden_act": "quick_gelu",
    }


def model_config(vision: VisionConfig, text: TextConfig) -> dict:
    return {
        "architectures": ["LlavaForConditionalGeneration"],
        "model_type": "llava",
        "ignore_index": -100,
        "image_seq_length": vision.tokens,
        "image_token_index": IMAGE,
        "pad_token_id": PAD,
        "projector_hidden_act": "gelu",
        "text_config": text_config(text),
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "vision_config": vision_config(vision, text.hidden_size),
        # The last block's output (no block is left out), without the class token.
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "default",
    }


def preprocessor_config(vision: VisionConfig) -> dict:
    size = vision.image_size
    return {
        "crop_size": {"height": size, "width": size},
        "do_center_crop": True,
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": list(IMAGE_MEAN),
        "image_processor_type": "CLIPImageProcessor",
        "image_std": list(IMAGE_STD),
        "processor_class": "LlavaProcessor",
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": {"shortest_edge": size},
    }


def processor_config(vision: VisionConfig, chat_template: str) -> dict:
    return {
        "chat_template": chat_template,
        "image_token": "<image>",
        # The class token is dropped already; transformers.js would add this number to the 144.
        "num_additional_image_tokens": 0,
        "patch_size": vision.patch_size,
        "processor_class": "LlavaProcessor",
        "vision_feature_select_strategy": "default",
    }


def generation_config() -> dict:
    return {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD, "do_sample": False, "max_new_tokens": 64}


def write_configs(folder: Path, vision: VisionConfig, text: TextConfig, chat_template: str) -> None:
    files = {
        "config.json": model_config(vision, text),
        "generation_config.json": generation_config(),
        "preprocessor_config.json": preprocessor_config(vision),
        "processor_config.json": processor_config(vision, chat_template),
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")
