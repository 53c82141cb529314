"""Tiny SmolVLM2 (tiles and a global view), and the same weights as an Idefics3 that takes the picture whole.

PYTHONPATH=tools python -m families.smolvlm [OUT_FOLDER]
"""

import sys
from pathlib import Path

from transformers import LlamaForCausalLM

from .tiles import MARKS, Spec, make

TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}"
    "{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n{% endfor %}"
    "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)

if __name__ == "__main__":
    make(
        Spec(
            folder=Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/smolvlm"),
            model_type="smolvlm",
            name="SmolVLM",
            template=TEMPLATE,
            bos="<|im_start|>",
            eos="<end_of_utterance>",
            special=["<|im_start|>", "<end_of_utterance>", *MARKS],
            causal=LlamaForCausalLM,
            text={"model_type": "llama"},
            questions=[("wide", "What is in the picture?", " a red"), ("tall", "Describe this image.", " the blue")],
            seed=1,
            dtypes=["fp16", "q8", "q4", "q4f16"],
            whole=("idefics3", "Idefics3"),
        )
    )
