"""Tiny Granite-Docling: Idefics3's tiles before a Granite decoder, whose blocks scale what they add to the residual stream.
The builder's file also divides its logits, as Granite's language model does; the lens is before that.

PYTHONPATH=tools python -m families.granite_docling [OUT_FOLDER]
"""

import sys
from pathlib import Path

from transformers import GraniteForCausalLM

from .tiles import MARKS, Spec, make

TEMPLATE = (
    "{%- for message in messages %}{{- '<|start_of_role|>' + message['role'] + '<|end_of_role|>' -}}"
    "{%- for part in message['content'] %}{%- if part['type'] == 'image' %}{{- '<image>' -}}"
    "{%- else %}{{- part['text'] -}}{%- endif %}{%- endfor %}{{- '<|end_of_text|>\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_of_role|>assistant<|end_of_role|>' }}{%- endif %}"
)

if __name__ == "__main__":
    make(
        Spec(
            folder=Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/graniteDocling"),
            model_type="idefics3",
            name="Idefics3",
            template=TEMPLATE,
            bos="<|end_of_text|>",
            eos="<|end_of_text|>",
            special=["<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>", *MARKS],
            causal=GraniteForCausalLM,
            text={
                "model_type": "granite", "attention_multiplier": 0.375, "residual_multiplier": 0.75,
                "embedding_multiplier": 1.0, "logits_scaling": 4.0,
            },
            questions=[("wide", "Convert this page to docling.", " the sign"), ("tall", "Read the text.", " a red")],
            seed=2,
        )
    )  # fmt: skip
