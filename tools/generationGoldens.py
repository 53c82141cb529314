"""Makes test/fixtures/generation/goldens.json: what Python's transformers leaves of logits, and where it stops.

    pip install torch transformers
    python tools/generationGoldens.py

Each case is a row of logits with the ids so far, the options of `generate`, and the row after all processors of
`_get_logits_processor` in Python's own order (null: filtered). Stop strings are cases of a small tokenizer that the
test builds again from the same vocabulary.
"""

import json
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GenerationConfig, PreTrainedTokenizerFast
from transformers.generation import StopStringCriteria
from transformers.generation.utils import GenerationMixin

OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "generation" / "goldens.json"
SIZE = 40

OPTIONS = [
    {"repetition_penalty": 1.3, "do_sample": False},
    {"temperature": 0.7, "top_k": 0},
    {"temperature": 1.0, "top_k": 5},
    {"temperature": 1.0, "top_k": 0, "top_p": 0.9},
    {"temperature": 0.5, "top_k": 0, "top_p": 0.3},
    {"temperature": 1.0, "top_k": 0, "min_p": 0.1},
    # Which comes first shows: a temperature far from 1 before min-p, and top-p before it.
    {"temperature": 2.5, "top_k": 0, "min_p": 0.3},
    {"temperature": 0.4, "top_k": 0, "min_p": 0.01},
    {"temperature": 1.0, "top_k": 0, "top_p": 0.95, "min_p": 0.1},
    {"temperature": 1.7, "top_k": 12, "top_p": 0.8, "min_p": 0.05, "repetition_penalty": 1.2},
    {"temperature": 0.3, "top_k": 3, "top_p": 0.01, "min_p": 0.9, "repetition_penalty": 0.8},
]


class Model(GenerationMixin):
    """Just enough of a model for GenerationMixin to make its list of processors."""

    class config:  # noqa: N801
        is_encoder_decoder = False

    device = torch.device("cpu")


def processors(options):
    config = GenerationConfig(**{"do_sample": True, **options}, pad_token_id=0, eos_token_id=None)
    config._eos_token_tensor = None
    return Model()._get_logits_processor(config, input_ids_seq_length=6, device="cpu", model_kwargs={})


def logits_cases():
    generator = torch.Generator().manual_seed(7)
    cases = []
    for ties in (False, True):
        for options in OPTIONS:
            row = torch.randn(1, SIZE, generator=generator) * 2.5
            if ties:  # as half precision makes them
                row = (row * 2).round() / 2
            ids = torch.randint(0, SIZE, (1, 6), generator=generator)
            made = processors(options)(ids, row.clone())[0].tolist()
            cases.append(
                {
                    "options": options,
                    "ids": ids[0].tolist(),
                    "logits": row[0].tolist(),
                    "processed": [None if value == float("-inf") else value for value in made],
                }
            )
    return cases


VOCABULARY = ["<unk>", "</s>", "st", "op", "stop", "opera", "tion", "las", "topper", "s", "to", "pped", "at", "\u0120a", "\u010a", "."]
STOPS = [["stop"], ["\n"], [". a", "tion"], ["</s>"], ["at a"]]
ANSWERS = [
    ["st", "op", "at"],
    ["st", "opera", "tion"],
    ["las", "topper", "at"],
    ["s", "to", "pped", "."],
    ["at", "\u0120a", "\u010a", "st", "op"],
    [".", "\u0120a", "stop"],
    ["at", "</s>", "at"],
    ["at", "at", "."],
]


def stop_cases():
    tokenizer = Tokenizer(models.BPE({piece: i for i, piece in enumerate(VOCABULARY)}, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", eos_token="</s>")
    cases = []
    for stops in STOPS:
        criterion = StopStringCriteria(fast, stops)
        for answer in ANSWERS:
            ids = [VOCABULARY.index(piece) for piece in answer]
            steps = [bool(criterion(torch.tensor([ids[: n + 1]]), None)[0]) for n in range(len(ids))]
            cases.append({"stops": stops, "ids": ids, "length": steps.index(True) + 1 if True in steps else None})
    return cases


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    goldens = {
        "made_with": f"transformers {transformers.__version__}, torch {torch.__version__.split('+')[0]}",
        "logits": logits_cases(),
        "vocabulary": VOCABULARY,
        "stops": stop_cases(),
    }
    OUT.write_text(json.dumps(goldens) + "\n")
