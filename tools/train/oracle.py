"""Golden values of the bundled model: DEX-AR by automatic differentiation in float64.

    python -m tools.train.oracle MODEL_FOLDER EXAMPLES_FOLDER OUT_FOLDER

For three sample scenes: the describe question, teacher-forced on the greedy answer with its stop token. Raw
little-endian float32 files and cases.json, in the format of the project's reference pack (plus the signed dA).
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor

from .oracle_model import OracleDecoder, OracleVision, pixel_values

SCENES = ("butterfly", "dog-and-frog", "bike-and-white-circle-and-ghost")
MAX_ANSWER = 64


class Oracle:
    def __init__(self, model: Path) -> None:
        self.config = json.loads((model / "config.json").read_text())
        self.preprocessor = json.loads((model / "preprocessor_config.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self.vision, self.decoder = OracleVision(model, self.config), OracleDecoder(model, self.config)
        self.image_id, self.stop = self.config["image_token_index"], self.config["text_config"]["eos_token_id"]

    def prompt(self, question: str) -> tuple[str, list[int]]:
        """The prompt's text and its ids with the picture's place expanded."""
        text = f"<image>{question}\n"
        ids = self.tokenizer.encode(text).ids
        at = ids.index(self.image_id)
        return text, ids[:at] + [self.image_id] * self.config["image_seq_length"] + ids[at + 1 :]

    def embeddings(self, ids: list[int], features: Tensor) -> Tensor:
        x = self.decoder.embed(ids)
        x[torch.tensor(ids) == self.image_id] = features
        return x

    def greedy(self, ids: list[int], features: Tensor) -> list[int]:
        answer: list[int] = []
        while len(answer) < MAX_ANSWER and self.stop not in answer:
            _, lenses = self.decoder.forward(self.embeddings(ids + answer, features))
            answer.append(int(lenses[-1][-1].argmax()))
        return answer

    def explain(self, ids: list[int], target: list[int], features: Tensor) -> dict[str, Tensor]:
        """All quantities of the paper for a target that follows the prompt."""
        x = self.embeddings(ids + target[:-1], features).requires_grad_()
        probabilities, lenses = self.decoder.forward(x)
        rows = [len(ids) - 1 + t for t in range(len(target))]
        lens = torch.stack([lens[rows, target] for lens in lenses], 1)
        gradient = torch.stack(
            [
                torch.stack(
                    [torch.autograd.grad(lens[t, l], a, retain_graph=True)[0][:, row] for l, a in enumerate(probabilities)]
                )
                for t, row in enumerate(rows)
            ]
        )  # fmt: skip
        # A is also differentiable where the mask made it 0; positions after the row are no part of its prefix.
        seen = torch.arange(gradient.shape[-1]) <= torch.tensor(rows)[:, None]
        gradient = gradient * seen[:, None, None]
        start = ids.index(self.image_id)
        image = slice(start, start + len(features))
        return quantities(gradient, image) | {"lens_logits": lens.detach(), "final": lenses[-1][rows].detach()}


def quantities(gradient: Tensor, image: slice) -> dict[str, Tensor]:
    """Scores, weights and maps of signed gradients [T, L, H, S]; the last target is the stop token."""
    positive = gradient.clamp(min=0)
    text = torch.ones(gradient.shape[-1], dtype=torch.bool)
    text[image] = False
    s_img, s_text = positive[..., image].amax(-1), positive[..., text].amax(-1)
    weight = (s_img - s_text).clamp(min=0)
    heat = (weight[..., None] * positive[..., image]).sum((1, 2))
    delta = (s_img.amax((1, 2)) - s_text.amax((1, 2))).clamp(min=0)
    low, high = heat.amin(1, keepdim=True), heat.amax(1, keepdim=True)
    scaled = torch.where(high > low, (heat - low) / (high - low).clamp(min=1e-300), torch.zeros_like(heat))
    terms = delta[:, None] * scaled
    return {
        "dA": gradient, "S_img": s_img, "S_text": s_text, "w": weight, "E": heat, "delta": delta,
        "seq": terms.sum(0), "seq_without_stop": terms[:-1].sum(0),
    }  # fmt: skip


class Writer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def array(self, name: str, value: Tensor) -> dict:
        value.numpy().astype("<f4").tofile(self.folder / name)
        return {"file": name, "shape": list(value.shape), "dtype": "float32"}


def run_case(oracle: Oracle, writer: Writer, scene: dict, examples: Path) -> tuple[dict, dict]:
    """One case of cases.json, and the entry of its image features."""
    image = np.asarray(Image.open(examples / scene["image"]).convert("RGB"))
    pixels = pixel_values(image, oracle.preprocessor)
    text, ids = oracle.prompt(scene["questions"][0]["question"])
    features = oracle.vision.features(pixels)
    target = oracle.greedy(ids, features)
    values = oracle.explain(ids, target, features)
    name, final = scene["name"], values.pop("final")
    top = final.topk(2)
    first = ids.index(oracle.image_id)
    case = {
        "id": name,
        "image": scene["image"],
        "pixel_values": writer.array(f"{name}.pixel_values.bin", pixels),
        "prompt": text,
        "target": oracle.tokenizer.decode(target),
        "ends_with_stop_token": target[-1] == oracle.stop,
        "input_ids": ids,
        "image_span": [first, first + len(features)],
        "target_ids": target,
        "target_tokens": [oracle.tokenizer.id_to_token(i) for i in target],
        "predicting_positions": [len(ids) - 1 + t for t in range(len(target))],
        "teacher_forced": {
            "arrays": {key: writer.array(f"{name}.{key}.bin", value) for key, value in values.items()},
            "delta": values["delta"].tolist(),
            "S_img_max": values["S_img"].amax((1, 2)).tolist(),
            "S_text_max": values["S_text"].amax((1, 2)).tolist(),
            "seq_max": float(values["seq"].max()),
            "seq_argmax": int(values["seq"].argmax()),
            "target_final_logits": values["lens_logits"][:, -1].tolist(),
            "argmax_ids": top.indices[:, 0].tolist(),
            "argmax_logits": top.values[:, 0].tolist(),
            "argmax_margins": (top.values[:, 0] - top.values[:, 1]).tolist(),
        },
    }
    return case, writer.array(f"image_features.{name}.bin", features)


def main() -> None:
    model, examples, out = (Path(argument) for argument in sys.argv[1:4])
    torch.set_num_threads(1)
    oracle, writer = Oracle(model), Writer(out)
    text, vision = oracle.config["text_config"], oracle.config["vision_config"]
    scenes = {scene["name"]: scene for scene in json.loads((examples / "scenes.json").read_text())}
    results = [run_case(oracle, writer, scenes[name], examples) for name in SCENES]
    side = vision["image_size"] // vision["patch_size"]
    weights = (model / "onnx" / "decoder_model_merged.onnx").read_bytes()
    header = {
        "model": model.name, "variant": "fp32", "layers": text["num_hidden_layers"], "heads": text["num_attention_heads"],
        "kv_heads": text["num_key_value_heads"], "head_dim": text["head_dim"], "hidden": text["hidden_size"],
        "vocab": text["vocab_size"], "image_token_id": oracle.image_id, "grid": [side, side], "image_tokens": side * side,
        "rms_norm_eps": text["rms_norm_eps"], "rope_theta": text["rope_theta"],
        "decoder_sha256": hashlib.sha256(weights).hexdigest(),
    }  # fmt: skip
    features = {scene: entry for scene, (_, entry) in zip(SCENES, results)}
    content = header | {"cases": [case for case, _ in results], "image_features": features}
    (out / "cases.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
