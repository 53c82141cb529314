"""Turns a pack of scenes into arrays for training: tokens, patch coverage, labels. Run once for each pack.

    python -m tools.train.prepare TOKENIZER_FOLDER PACK...
"""

import json
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .config import EOS, VisionConfig

MAX_OBJECTS = 3
KINDS = ["describe", "what", "where", "count", "isThere", "colour"]


def read_vocabulary(pack: Path) -> dict:
    return json.loads((pack / "vocabulary.json").read_text())


def read_scenes(pack: Path) -> list[dict]:
    with open(pack / "scenes.jsonl") as file:
        return [json.loads(line) for line in file]


class TextEncoder:
    """Token ids of questions and answers; answers go word by word, each word being one token."""

    def __init__(self, tokenizer_folder: Path) -> None:
        self.tokenizer = Tokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
        self.questions: dict[str, list[int]] = {}

    def question(self, text: str) -> list[int]:
        """The user's turn after the picture, newline included."""
        if text not in self.questions:
            self.questions[text] = self.tokenizer.encode(text + "\n", add_special_tokens=False).ids
        return self.questions[text]

    def word(self, text: str) -> int:
        token = self.tokenizer.token_to_id(text if text == "," else "▁" + text)
        if token is None:
            raise ValueError(f"not one token: {text}")
        return token

    def answer(self, words: list[dict]) -> list[int]:
        return [self.word(w["text"]) for w in words] + [EOS]


def patch_coverage(pack: Path, count: int) -> np.ndarray:
    """How many pixels of each patch belong to the background and to each object: uint8 [count, 144, 4]."""
    config = VisionConfig()
    side, size = config.side, config.patch_size
    owner = np.memmap(pack / "owner.bin", np.uint8, "r", shape=(count, side, size, side, size))
    coverage = np.empty((count, side * side, MAX_OBJECTS + 1), np.uint8)
    for start in range(0, count, 2000):
        part = owner[start : start + 2000].transpose(0, 1, 3, 2, 4).reshape(-1, side * side, size * size)
        for k in range(MAX_OBJECTS + 1):
            coverage[start : start + 2000, :, k] = (part == k).sum(-1)
    return coverage


def labels(scenes: list[dict], vocabulary: dict) -> dict[str, np.ndarray]:
    """Class indices of every object (-1 where there is none) and of the background."""
    shape = (len(scenes), MAX_OBJECTS)
    out = {name: np.full(shape, -1, np.int64) for name in ("noun", "colour", "row", "column")}
    out["centre"] = np.zeros((*shape, 2), np.float32)
    out["background"] = np.array([vocabulary["colours"].index(s["background"]) for s in scenes])
    out["count"] = np.array([len(s["objects"]) for s in scenes])
    for s, scene in enumerate(scenes):
        for k, thing in enumerate(scene["objects"]):
            box = thing["box"]
            out["noun"][s, k] = vocabulary["nouns"].index(thing["noun"])
            out["row"][s, k] = vocabulary["rows"].index(thing["cell"]["row"])
            out["column"][s, k] = vocabulary["columns"].index(thing["cell"]["column"])
            out["centre"][s, k] = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            if thing["colour"]:
                out["colour"][s, k] = vocabulary["colours"].index(thing["colour"])
    return out


def texts(scenes: list[dict], encoder: TextEncoder) -> dict[str, np.ndarray]:
    """All questions in one row of tokens; `answer` marks the tokens to be learned."""
    tokens, answer, question_start, scene_start, kinds = [], [], [0], [0], []
    for scene in scenes:
        for item in scene["questions"]:
            asked, said = encoder.question(item["question"]), encoder.answer(item["words"])
            tokens += asked + said
            answer += [0] * len(asked) + [1] * len(said)
            question_start.append(len(tokens))
            kinds.append(KINDS.index(item["kind"]))
        scene_start.append(len(kinds))
    return {
        "tokens": np.array(tokens, np.int16),
        "answer": np.array(answer, np.int8),
        "question_start": np.array(question_start, np.int64),
        "scene_start": np.array(scene_start, np.int64),
        "kind": np.array(kinds, np.int8),
    }


def prepare(pack: Path, tokenizer_folder: Path) -> None:
    scenes = read_scenes(pack)
    arrays = {"coverage": patch_coverage(pack, len(scenes))}
    arrays |= labels(scenes, read_vocabulary(pack)) | texts(scenes, TextEncoder(tokenizer_folder))
    np.savez(pack / "prepared.npz", **arrays)


if __name__ == "__main__":
    for name in sys.argv[2:]:
        prepare(Path(name), Path(sys.argv[1]))
