"""What Python's Idefics3 processor makes of three photos with tiles as published models have them: sizes, tiles, samples.

PYTHONPATH=tools python -m families.tile_samples [OUT_FILE]
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil

from .common.tokenizer import write_json

PICTURES = Path("test/fixtures/llava-reference/images")
HALF = [0.5, 0.5, 0.5]
SAMPLES = 300
# Tiles of SmolVLM-256M and Granite-Docling, of SmolVLM 2.2B; a picture that is not cut.
SETTINGS = [("shapes", 1024, 512, True), ("street", 768, 384, True), ("cat", 728, 364, False), ("cat", 512, 512, True)]


def sample(name: str, longest: int, tile: int, split: bool) -> dict[str, Any]:
    config = {
        "size": {"longest_edge": longest}, "max_image_size": {"longest_edge": tile}, "do_image_splitting": split,
        "image_mean": HALF, "image_std": HALF, "resample": 1,
    }  # fmt: skip
    made = Idefics3ImageProcessorPil(**config)(
        Image.open(PICTURES / f"{name}.png").convert("RGB"), return_tensors="np", return_row_col_info=True
    )
    values = np.asarray(made["pixel_values"])
    codes = np.rint((values * 0.5 + 0.5) * 255).astype(int)
    stride = values.size // SAMPLES
    return {
        "picture": name, "config": config, "rows": made["rows"][0][0], "cols": made["cols"][0][0],
        "shape": list(values.shape), "stride": stride, "bytes": codes.ravel()[::stride].tolist(),
        "tileMeans": codes[0].mean((1, 2, 3)).round(4).tolist(),
    }  # fmt: skip


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/smolvlm/tiles.json")
    write_json(out, {"samples": [sample(*settings) for settings in SETTINGS]})


if __name__ == "__main__":
    main()
