"""A tiny byte-level BPE tokenizer in the files a model folder on the hub has."""

import json
import re
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

# What the merges are learned from: enough that questions have words of more than one byte.
WORDS = (
    "What is in the picture? Describe this image. the red square on the left, the blue circle at the right. "
    "There is a dog and a cat. Where is the sign? Read the text in the image. How many? a small white house "
)


def train(merges: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=256 + merges, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([WORDS] * 4, trainer)
    return tokenizer


def write_tokenizer(
    folder: Path,
    special: list[str],
    *,
    bos: str | None = None,
    eos: str,
    pad: str | None = None,
    add_bos: bool = False,
    merges: int = 44,
    plain: tuple[str, ...] = (),
    chat_template: str | None = None,
    tokenizer_class: str = "GPT2Tokenizer",
    settings: dict[str, Any] | None = None,
) -> Tokenizer:
    """Writes tokenizer.json and tokenizer_config.json (chat template inside, as most of the hub).

    special: added after the 256 bytes and the merges, in this order. plain: added tokens that are not special.
    """
    tokenizer = train(merges)
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in special])
    tokenizer.add_tokens([AddedToken(text, normalized=False) for text in plain])
    if add_bos and bos is not None:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, tokenizer.token_to_id(bos))]
        )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    added = {
        str(tokenizer.token_to_id(text)): {
            "content": text, "lstrip": False, "normalized": False, "rstrip": False,
            "single_word": False, "special": text in special,
        }
        for text in [*special, *plain]
    }  # fmt: skip
    config = {
        "added_tokens_decoder": added,
        "bos_token": bos,
        "eos_token": eos,
        "pad_token": pad or eos,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 2048,
        "tokenizer_class": tokenizer_class,
    } | (settings or {})
    if chat_template is not None:
        config["chat_template"] = chat_template
    write_json(folder / "tokenizer_config.json", config)
    return tokenizer


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, indent=2, ensure_ascii=False)
    # Lists of numbers on one line.
    text = re.sub(r"\[\s+([-\d.e,\s]+?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)
    path.write_text(text + "\n")
