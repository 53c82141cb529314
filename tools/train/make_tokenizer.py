"""Writes the tokenizer files: a BPE whose merges build every word of the grammar as one token.

Words outside the grammar fall apart into letters and bytes, so any text can be asked.

    python -m tools.train.make_tokenizer VOCABULARY_JSON FOLDER
"""

import json
import sys
from pathlib import Path

from .config import BOS, EOS, IMAGE, PAD, SPECIAL_TOKENS, UNK

CHARACTERS = "▁\nabcdefghijklmnopqrstuvwxyz0123456789.,?!'-:;"

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>{% endif %}{% endfor %}"
    "{% for part in message['content'] %}{% if part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}"
    "{% endif %}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}{{ '\\n' }}{% endif %}"
    "{% endfor %}"
)


def build_vocabulary(words: list[str]) -> tuple[dict[str, int], list[list[str]]]:
    """Pieces and merges: each word grows letter by letter from its leading blank, so words never disturb each other."""
    pieces = list(SPECIAL_TOKENS) + [f"<0x{byte:02X}>" for byte in range(256)] + list(CHARACTERS)
    known, merges = set(pieces), []
    for word in words:
        stem = "▁"
        for letter in word:
            if stem + letter not in known:
                merges.append([stem, letter])
                pieces.append(stem + letter)
                known.add(stem + letter)
            stem += letter
    return {piece: index for index, piece in enumerate(pieces)}, merges


def added_token(index: int) -> dict:
    return {
        "content": SPECIAL_TOKENS[index],
        "lstrip": False,
        "normalized": False,
        "rstrip": False,
        "single_word": False,
        "special": True,
    }


def tokenizer_json(words: list[str]) -> dict:
    vocab, merges = build_vocabulary(words)
    bos = {"SpecialToken": {"id": "<s>", "type_id": 0}}
    pair = [bos, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, **added_token(i)} for i in range(len(SPECIAL_TOKENS))],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Lowercase"},
                {"type": "Prepend", "prepend": "▁"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bos, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": pair,
            "special_tokens": {"<s>": {"id": "<s>", "ids": [BOS], "tokens": ["<s>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": vocab,
            "merges": merges,
        },
    }


def tokenizer_config(max_length: int) -> dict:
    return {
        "added_tokens_decoder": {str(i): added_token(i) for i in (UNK, BOS, EOS, IMAGE, PAD)},
        "bos_token": "<s>",
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "eos_token": "</s>",
        "model_max_length": max_length,
        "pad_token": "<pad>",
        "padding_side": "left",
        "processor_class": "LlavaProcessor",
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": "<unk>",
    }


def write_tokenizer(words: list[str], folder: Path, max_length: int) -> None:
    """tokenizer.json, tokenizer_config.json and special_tokens_map.json."""
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    files = {
        "tokenizer.json": tokenizer_json(words),
        "tokenizer_config.json": tokenizer_config(max_length),
        "special_tokens_map.json": special,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    vocabulary = json.loads(Path(sys.argv[1]).read_text())
    write_tokenizer(vocabulary["words"], Path(sys.argv[2]), 512)
