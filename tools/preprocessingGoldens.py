"""Makes test/fixtures/preprocessing/goldens.{json,bin}: pixel values of Python's own processors, to compare ours with.

    pip install torch transformers pillow==12.3.0
    python tools/preprocessingGoldens.py

For each settings of settings.json (those on the hub) and each of five pictures, large and small: the shape of
`pixel_values`, and the values at SAMPLES places spread over them. The PIL processors are used: what the models were
trained with. The same pictures are made by tools/preprocessing/pictures.ts, byte for byte.
"""

import importlib
import json
from pathlib import Path

import numpy as np
import PIL
import transformers
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "test" / "fixtures" / "preprocessing"
PICTURES = {
    "cat": "test/fixtures/llava-reference/images/cat.png",
    "street": "test/fixtures/llava-reference/images/street.png",
    "portrait": "test/fixtures/llava-reference/images/portrait.png",
    "shapes": "test/fixtures/llava-reference/images/shapes.png",
    "scene": "examples/dog-and-frog.png",
}
LARGE = (1200, 900)
SMALL = (120, 90)
SAMPLES = 400

MODULES = {
    "CLIPImageProcessor": "clip",
    "SiglipImageProcessor": "siglip",
    "Gemma3ImageProcessor": "gemma3",
    "SmolVLMImageProcessor": "smolvlm",
    "Qwen2VLImageProcessor": "qwen2_vl",
    "PixtralImageProcessor": "pixtral",
}


def large(picture, size):
    """The picture mirrored at its borders until it fills the size."""
    pixels = np.asarray(picture)

    def places(length, side):
        at = np.arange(length) % (2 * side)
        return np.where(at < side, at, 2 * side - 1 - at)

    return Image.fromarray(pixels[places(size[1], pixels.shape[0])][:, places(size[0], pixels.shape[1])])


def small(picture):
    """Its middle."""
    width, height = min(picture.width, SMALL[0]), min(picture.height, SMALL[1])
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def processor_of(settings):
    name = settings["processor"]
    module = importlib.import_module(f"transformers.models.{MODULES[name]}.image_processing_pil_{MODULES[name]}")
    return getattr(module, f"{name}Pil")(**settings["config"] | settings.get("python", {}))


def samples(values):
    flat = np.asarray(values, dtype=np.float32).reshape(-1)
    places = [int(((i + 1) * 0.6180339887498949) % 1.0 * flat.size) for i in range(SAMPLES)]
    return flat[places]


def main():
    cases, data = [], []
    for settings in json.loads((OUT / "settings.json").read_text()):
        processor = processor_of(settings)
        for picture, path in PICTURES.items():
            opened = Image.open(ROOT / path).convert("RGB")
            sizes = {"down": large(opened, settings.get("large", LARGE)), "up": small(opened)}
            for direction, image in sizes.items():
                values = np.asarray(processor(images=image, return_tensors="np")["pixel_values"])
                cases.append({"settings": settings["name"], "picture": picture, "direction": direction, "shape": list(values.shape)})
                data.append(samples(values))
    (OUT / "goldens.bin").write_bytes(np.concatenate(data).astype("<f4").tobytes())
    made = {"transformers": transformers.__version__, "pillow": PIL.__version__, "samples": SAMPLES, "pictures": PICTURES}
    lines = ",\n".join(f"  {json.dumps(case)}" for case in cases)
    (OUT / "goldens.json").write_text(f'{json.dumps(made)[:-1]}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
