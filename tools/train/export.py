"""Writes a checkpoint as a model folder for transformers.js and checks the graphs against PyTorch.

    python -m tools.train.export WORK_FOLDER CHECKPOINT MODEL_FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

from .config import BOS, EOS, VisionConfig
from .data import Pack, attention_mask, embed_batch
from .make_tokenizer import CHAT_TEMPLATE, write_tokenizer
from .model import TinyLlava, create_model
from .model_files import write_configs
from .onnx_decoder import DecoderGraph
from .onnx_quantize import quantised
from .onnx_vision import VisionGraph, embedding_graph
from .prepare import TextEncoder, read_scenes, read_vocabulary

MAX_DIFFERENCE = 2e-4


def load_model(checkpoint: Path, vocab_size: int) -> TinyLlava:
    model = create_model(vocab_size, 0)
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["model"])
    return model.eval()


def write_model(model: TinyLlava, words: list[str], folder: Path) -> None:
    config = model.decoder.config
    write_tokenizer(words, folder, config.max_positions)
    write_configs(folder, VisionConfig(), config, CHAT_TEMPLATE)
    graphs = {
        "vision_encoder": VisionGraph(model).build(),
        "embed_tokens": embedding_graph(model),
        "decoder_model_merged": DecoderGraph(model.decoder).build(),
    }
    (folder / "onnx").mkdir(exist_ok=True)
    for name, graph in graphs.items():
        for suffix, variant in (("", graph), ("_q4", quantised(graph))):
            onnx.save(variant, folder / "onnx" / f"{name}{suffix}.onnx")


class OnnxModel:
    """The exported files under ONNX Runtime."""

    def __init__(self, folder: Path, suffix: str = "") -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        path = lambda name: str(folder / "onnx" / f"{name}{suffix}.onnx")
        names = ("vision_encoder", "embed_tokens", "decoder_model_merged")
        self.vision, self.embed, self.decoder = (ort.InferenceSession(path(n), options) for n in names)

    def features(self, pixels: np.ndarray) -> np.ndarray:
        return self.vision.run(None, {"pixel_values": pixels})[0]

    def embeddings(self, ids: list[int]) -> np.ndarray:
        return self.embed.run(None, {"input_ids": np.array([ids], np.int64)})[0]

    def step(self, embeds: np.ndarray, cache: dict[str, np.ndarray] | None) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Logits of the new positions, and the grown cache."""
        if cache is None:
            past = [i for i in self.decoder.get_inputs() if i.name.startswith("past")]
            cache = {i.name: np.zeros((1, i.shape[1], 0, i.shape[3]), np.float32) for i in past}
        length = next(iter(cache.values())).shape[2] + embeds.shape[1]
        feeds = {"inputs_embeds": embeds, "attention_mask": np.ones((1, length), np.int64), **cache}
        names = [o.name for o in self.decoder.get_outputs()]
        outputs = dict(zip(names, self.decoder.run(None, feeds)))
        return outputs["logits"], {k.replace("present", "past_key_values"): v for k, v in outputs.items() if k != "logits"}

    def prompt(self, pixels: np.ndarray, question: list[int]) -> np.ndarray:
        return np.concatenate([self.embeddings([BOS]), self.features(pixels), self.embeddings(question)], axis=1)

    def generate(self, pixels: np.ndarray, question: list[int], limit: int = 64) -> list[int]:
        logits, cache = self.step(self.prompt(pixels, question), None)
        ids = [int(logits[0, -1].argmax())]
        while ids[-1] != EOS and len(ids) < limit:
            logits, cache = self.step(self.embeddings(ids[-1:]), cache)
            ids.append(int(logits[0, -1].argmax()))
        return ids


@torch.no_grad()
def torch_logits(model: TinyLlava, pixels: torch.Tensor, text: list[int]) -> np.ndarray:
    """Logits of all positions of picture + text."""
    x = embed_batch(model, model.image_tokens(pixels), torch.tensor([text]))
    positions = torch.arange(x.shape[1])[None]
    mask = attention_mask(torch.zeros(1, len(text), dtype=torch.long))
    return model.decoder.logits(model.decoder(x, positions, mask)).numpy()


def check(model: TinyLlava, work: Path, folder: Path, count: int = 40) -> None:
    """Logits equal to PyTorch's, and greedy answers of PyTorch, fp32 and q4 compared."""
    pack_folder = work / "packs" / "validation"
    pack, encoder = Pack(pack_folder), TextEncoder(folder)
    exact, small = OnnxModel(folder), OnnxModel(folder, "_q4")
    worst, equal, equal_q4, answers = 0.0, 0, 0, 0
    for index, scene in enumerate(read_scenes(pack_folder)[:count]):
        pixels = pack.batch(np.array([index]), with_text=False).pixels
        for item in scene["questions"]:
            question = encoder.question(item["question"])
            ids = exact.generate(pixels.numpy(), question)
            expected = torch_logits(model, pixels, question + ids[:-1])
            actual, _ = exact.step(exact.prompt(pixels.numpy(), question + ids[:-1]), None)
            worst = max(worst, float(np.abs(actual - expected).max()))
            equal += expected[0, -len(ids) :].argmax(-1).tolist() == ids
            equal_q4 += small.generate(pixels.numpy(), question) == ids
            answers += 1
    print(f"largest difference of logits, ONNX Runtime fp32 against PyTorch: {worst:.1e}")
    print(f"greedy answers equal to PyTorch: fp32 {equal}/{answers}; q4 equal to fp32 {equal_q4}/{answers}")
    if worst > MAX_DIFFERENCE or equal < answers:
        raise SystemExit("the exported graphs differ from PyTorch")


def main() -> None:
    work, checkpoint, folder = (Path(argument) for argument in sys.argv[1:4])
    words = read_vocabulary(work / "packs" / "validation")["words"]
    model = load_model(checkpoint, TextEncoder(work / "tokenizer").tokenizer.get_vocab_size())
    folder.mkdir(parents=True, exist_ok=True)
    write_model(model, words, folder)
    check(model, work, folder)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print(f"{folder.name}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
