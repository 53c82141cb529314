"""What Python's image processors make of photos with the settings of published one-grid models: sizes and sampled bytes.

PYTHONPATH=tools python -m families.grid_samples [OUT_FILE]
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from transformers.models.pixtral.image_processing_pil_pixtral import PixtralImageProcessorPil

from .common.tokenizer import write_json
from .grid import clip_processor, siglip_processor

PICTURES = Path("test/fixtures/llava-reference/images")
CLIP = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
SAMPLES = 200


def pixtral_processor(longest: int, patch: int) -> tuple[Any, dict[str, Any]]:
    settings = {"size": {"longest_edge": longest}, "image_mean": CLIP[0], "image_std": CLIP[1], "resample": 3}
    processor = PixtralImageProcessorPil(**settings, patch_size={"height": patch, "width": patch})
    kind = {"image_processor_type": "PixtralImageProcessor", "do_normalize": True, "do_rescale": True, "do_resize": True}
    return processor, settings | kind | {"patch_size": patch // 2, "spatial_merge_size": 2}


def settings() -> list[tuple[str, str, tuple[Any, dict[str, Any]]]]:
    onevision, config = siglip_processor(384)
    config = config | {"do_pad": True, "image_processor_type": "LlavaOnevisionImageProcessor"}
    return [
        ("llava", "shapes", clip_processor(336, *CLIP)),
        ("llava", "street", siglip_processor(384)),
        ("llava_onevision", "cat", (onevision, config)),
        ("llava_qwen2", "street", siglip_processor(384)),
        ("llava_qwen2", "cat", clip_processor(1024, [0.0] * 3, [1.0] * 3)),
        ("moondream1", "shapes", siglip_processor(378)),
        ("moondream1", "street", siglip_processor(378)),
        ("mistral3", "street", pixtral_processor(1540, 28)),
        ("mistral3", "shapes", pixtral_processor(336, 28)),
    ]


def sample(model_type: str, name: str, processor: Any, config: dict[str, Any]) -> dict[str, Any]:
    values = np.asarray(processor(Image.open(PICTURES / f"{name}.png").convert("RGB"), return_tensors="np")["pixel_values"])
    mean, std = (np.array(config[key]).reshape(-1, 1, 1) for key in ("image_mean", "image_std"))
    codes = np.rint((values * std + mean) * 255).astype(int)
    stride = codes.size // SAMPLES
    return {
        "modelType": model_type, "picture": name, "config": config, "shape": list(values.shape), "stride": stride,
        "bytes": codes.ravel()[::stride].tolist(), "means": codes[0].mean((1, 2)).round(4).tolist(),
    }  # fmt: skip


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/gridSamples.json")
    write_json(out, {"samples": [sample(kind, name, *made) for kind, name, made in settings()]})


if __name__ == "__main__":
    main()
