"""Small drawn pictures for the golden cases."""

from pathlib import Path

import numpy as np
from PIL import Image


def draw(width: int, height: int, seed: int) -> Image.Image:
    """Soft colours with a few rectangles."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([127 + 100 * np.sin(x / (5 + 3 * c) + c) * np.cos(y / (7 - c)) for c in range(3)], -1)
    for _ in range(3):
        left, top = random.integers(0, width * 3 // 4), random.integers(0, height * 3 // 4)
        pixels[top : top + height // 4, left : left + width // 4] = random.integers(0, 256, 3)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def write_pictures(folder: Path, sizes: dict[str, tuple[int, int]]) -> None:
    """folder/NAME.png for each name, of (width, height)."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (name, (width, height)) in enumerate(sizes.items()):
        draw(width, height, seed).save(folder / f"{name}.png", optimize=True)
