"""Tiny PaliGemma 2 (Gemma 2 decoder: norms around attention and MLP, soft-capped scores and logits).

PYTHONPATH=tools python -m families.paligemma2 [OUT_FOLDER]
"""

import sys
from pathlib import Path

from .paligemma import make

GEMMA2 = {
    "model_type": "gemma2", "num_hidden_layers": 2, "num_key_value_heads": 2, "query_pre_attn_scalar": 16, "sliding_window": 4096,
    "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0,
}  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "test/families/paligemma2")
    make(folder, GEMMA2, seed=9, gain=1.0, dtypes=("q4", "q4f16"))


if __name__ == "__main__":
    main()
