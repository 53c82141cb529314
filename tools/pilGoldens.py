"""Makes test/fixtures/pil-resize: what Pillow's Image.resize gives, to compare src/runtime/image/resizePil.ts with.

    python -m venv PIL_VENV && PIL_VENV/bin/pip install pillow==12.3.0
    PIL_VENV/bin/python tools/pilGoldens.py PICTURE_FOLDER

Pillow 13 resizes columns before rows when the height shrinks much more than the width, which rounds differently.
The models of today were trained with the older order, so the goldens are made with Pillow 12.

PICTURE_FOLDER holds the pictures of the LLaVA reference pack (cat.png, street.png, portrait.png, shapes.png).
Every source is a crop of one of them, saved as PNG; goldens.json lists source, output size, filter and file.
"""

import json
import sys
from pathlib import Path

import PIL
from PIL import Image

OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "pil-resize"

# name: (picture, crop box)
SOURCES = {
    "cat": ("cat", (130, 30, 194, 78)),
    "street": ("street", (200, 80, 265, 129)),
    "portrait": ("portrait", (120, 60, 171, 111)),
    "shapes": ("shapes", (60, 40, 120, 85)),
    "stripe": ("street", (0, 130, 97, 133)),
}
# source: output sizes (down, up, mixed, extreme)
SIZES = {
    "cat": [(28, 21), (75, 56)],
    "street": [(24, 18), (71, 27)],
    "portrait": [(19, 31), (64, 64)],
    "shapes": [(25, 18), (60, 5)],
    "stripe": [(5, 40), (1, 1)],
}
FILTERS = ["bilinear", "bicubic", "lanczos", "nearest", "box", "hamming"]


def main(pictures: Path) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, (picture, box) in SOURCES.items():
        source = Image.open(pictures / f"{picture}.png").convert("RGB").crop(box)
        source.save(OUT / f"{name}.png", optimize=True)
        for width, height in SIZES[name]:
            # The three filters that processors use for every size; the others once per source.
            for filter_name in FILTERS if (width, height) == SIZES[name][0] else FILTERS[:3]:
                file = f"{name}.{filter_name}.{width}x{height}.png"
                resized = source.resize((width, height), getattr(Image.Resampling, filter_name.upper()))
                resized.save(OUT / file, optimize=True)
                cases.append({"source": f"{name}.png", "width": width, "height": height, "kernel": filter_name, "file": file})
    text = json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=1)
    (OUT / "goldens.json").write_text(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
