"""Explains an answer of one of the benchmark's models the textbook way, and prints one JSON object about it.

    python -m tools.textbook ONNX_FOLDER PROMPT_FOLDER [--tokens N] [--check RUN.dexar] [--threads N]

ONNX_FOLDER: decoder_model_merged.onnx (float32, fused style) and embed_tokens.onnx.
PROMPT_FOLDER: inputs_embeds.npy [S, width] and image_positions.npy [N], as `dexar bench --textbook` leaves them.
With --check the tokens are those of the run, and the results are compared with the run's: exit code 1 where they differ
by more than 1e-3 of the largest value. Otherwise the model chooses its own tokens; both take the same work.
"""

import argparse
import json
import platform
import sys
from pathlib import Path

import numpy as np
import torch

from .check import TOLERANCE, answer_ids, differences
from .explain import Prompt, explain_answer, make_maps
from .memory import PeakMemory
from .model import Decoder
from .weights import read_decoder, read_embedding


def main() -> int:
    options = parse_options()
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    about = {"torch": torch.__version__, "python": platform.python_version(), "threads": torch.get_num_threads()}
    if options.versions:
        print(json.dumps(about))
        return 0
    given = None if options.check is None else answer_ids(options.check)[: options.tokens]
    count = options.tokens if given is None else len(given)
    decoder = Decoder(*read_decoder(options.model / "decoder_model_merged.onnx"))
    table = read_embedding(options.model / "embed_tokens.onnx")
    prompt = Prompt(*(load(options.prompt / f"{name}.npy") for name in ("inputs_embeds", "image_positions")))
    with PeakMemory() as memory:
        explain_answer(decoder, table, prompt, 1)  # Maps and touches the weights.
        answer = explain_answer(decoder, table, prompt, count, given, tell(count))
        make_maps(answer.gradients, prompt.image)
    found = None if options.check is None else differences(options.check, answer, prompt)
    result = {
        **about,
        "tokens": count,
        "ids": answer.ids,
        "chosen": answer.chosen,
        "seconds": answer.seconds,
        "total_seconds": sum(answer.seconds),
        "peak_resident": memory.resident,
        "peak_private": memory.private,
        "differences": found,
    }
    print(json.dumps(result))
    return 0 if found is None or max(found.values()) <= TOLERANCE else 1


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.textbook", description=__doc__)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("prompt", type=Path, nargs="?")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--check", type=Path)
    parser.add_argument("--threads", type=int, help="PyTorch's own choice unless given")
    parser.add_argument("--versions", action="store_true", help="say what is installed, and end")
    options = parser.parse_args()
    if options.prompt is None and not options.versions:
        parser.error("ONNX_FOLDER and PROMPT_FOLDER are needed")
    return options


def load(file: Path) -> torch.Tensor:
    return torch.from_numpy(np.load(file))


def tell(count: int):
    def on_token(index: int, seconds: float) -> None:
        print(f"token {index + 1} of {count}: {seconds:.1f} s", file=sys.stderr, flush=True)

    return on_token


if __name__ == "__main__":
    sys.exit(main())
