"""Figures of the model card, on held-out scenes (other seeds, same drawings).

    python -m tools.train.evaluate WORK_FOLDER CHECKPOINT OUT.json [SCENES]

Accuracy by question; for the describe answers that are right, DEX-AR beside the unfiltered gradient map, raw attention
(mean over layers and heads), a random map and chance (the object's area). See metrics.py for the definitions.
"""

import json
import sys
from pathlib import Path

import torch

from .data import Pack
from .export import load_model
from .losses import WordIds
from .metrics import answer_accuracy, localisation
from .prepare import TextEncoder, read_vocabulary


def evaluate(work: Path, checkpoint: Path, count: int) -> dict:
    folder, encoder = work / "packs" / "heldout", TextEncoder(work / "tokenizer")
    pack = Pack(folder)
    model = load_model(checkpoint, encoder.tokenizer.get_vocab_size())
    words = WordIds(read_vocabulary(folder), encoder.word)
    accuracy, right = answer_accuracy(model, pack, words, count)
    found = localisation(model, pack, folder, encoder, right, count)
    return {"scenes": count, "exactMatchPercent": accuracy, "localisationPercent": found}


def main() -> None:
    work, checkpoint, out = (Path(argument) for argument in sys.argv[1:4])
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 1000
    torch.set_num_threads(1)
    result = evaluate(work, checkpoint, count)
    out.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
