"""Trains the model, in three phases.

    torchrun --standalone --nproc_per_node 2 -m tools.train.train WORK_FOLDER [options]

vision  image tokens learn from the masks which words are true of their patch
joint   answers as well, with the vision tower at a tenth of its rate; ended early, on purpose: maps of words get worse
        while answers get better
soft    as joint, but patches at an object's edge count by their share of the object, at falling rates

Each process is one thread; gradients are averaged, all processes take the same steps.
"""

import argparse
import json
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist

from .data import Pack
from .losses import VisionHeads, WordIds, answer_logits, answer_loss, asked_losses, text_states, vision_losses
from .metrics import answer_accuracy, localisation, summary
from .model import create_model
from .muon import Muon
from .prepare import TextEncoder, read_vocabulary

VISION_WEIGHT_IN_JOINT_PHASES = 0.6
VISION_RATE_IN_JOINT_PHASES = 0.1
ASKED_WEIGHT = 0.3
#: Text positions of a training sequence; of some scenes the last question does not fit.
TEXT_LENGTH = 112


@dataclass(frozen=True)
class Phase:
    steps: int
    #: Length of the cosine that the rates follow; they stay high where it is longer than the phase.
    cosine: int
    matrix_rate: float
    joint: bool
    soft: bool
    other_rate: float = 2.5e-3


PHASES = {
    "vision": Phase(steps=2600, cosine=2600, matrix_rate=0.012, joint=False, soft=False),
    "joint": Phase(steps=500, cosine=2000, matrix_rate=0.012, joint=True, soft=False),
    "soft": Phase(steps=200, cosine=400, matrix_rate=0.008, joint=True, soft=True),
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path, help="folder with packs/ and tokenizer/; checkpoints go to checkpoints/")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vision-batch", type=int, default=32, help="pictures per process and step")
    parser.add_argument("--joint-batch", type=int, default=20, help="pictures per process and step")
    parser.add_argument("--evaluate-every", type=int, default=250)
    parser.add_argument("--from-checkpoint", type=Path, help="checkpoint to go on from")
    parser.add_argument("--phases", default=",".join(PHASES), help="phases to run, in order")
    parser.add_argument("--shorten", type=int, default=1, help="divide all numbers of steps, to try things out")
    parser.add_argument("--name", default="run")
    return parser.parse_args()


class Trainer:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.rank, self.world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        torch.set_num_threads(1)
        if self.world > 1:
            dist.init_process_group("gloo")
        packs = sorted((args.work / "packs").glob("train*"))
        self.packs = [Pack(folder) for folder in packs]
        vocabulary = read_vocabulary(packs[0])
        self.encoder = TextEncoder(args.work / "tokenizer")
        self.words = WordIds(vocabulary, self.encoder.word)
        self.model = create_model(self.encoder.tokenizer.get_vocab_size(), args.seed)
        self.heads = VisionHeads(self.model.decoder.config.hidden_size)
        self.model.vision.compile()
        self.model.decoder.compile()
        self.random = np.random.default_rng(args.seed * 1000 + self.rank)
        self.parameters = [*self.model.parameters(), *self.heads.parameters()]
        self.started = time.time()

    def log(self, text: str) -> None:
        if self.rank == 0:
            print(f"[{time.time() - self.started:6.0f} s] {text}", flush=True)

    def indices(self, batch: int):
        """Endless (pack, scene numbers): every process draws its own scenes, each pack in random order."""
        while True:
            for number in self.random.permutation(len(self.packs)):
                order = self.random.permutation(self.packs[number].count)
                for start in range(0, len(order) - batch + 1, batch):
                    yield self.packs[number], order[start : start + batch]

    def optimisers(self, phase: Phase) -> list[torch.optim.Optimizer]:
        matrices, others = {False: [], True: []}, {False: [], True: []}
        for name, parameter in [*self.model.named_parameters(), *self.heads.named_parameters()]:
            vision = name.startswith(("vision.", "projector."))
            is_matrix = parameter.ndim == 2 and ("layers." in name or "projector." in name)
            (matrices if is_matrix else others)[vision].append(parameter)
        vision_rate = VISION_RATE_IN_JOINT_PHASES if phase.joint else 1.0
        rates = {False: 1.0, True: vision_rate}
        groups = lambda split, rate: [{"params": split[v], "lr": rate * rates[v]} for v in (False, True)]
        muon = Muon(groups(matrices, phase.matrix_rate), lr=phase.matrix_rate)
        adam = torch.optim.AdamW(
            groups(others, phase.other_rate), lr=phase.other_rate, betas=(0.9, 0.98), weight_decay=0.0
        )
        for optimiser in (muon, adam):
            for group in optimiser.param_groups:
                group["peak"] = group["lr"]
        return [muon, adam]

    def average_gradients(self) -> None:
        if self.world == 1:
            return
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        flat /= self.world
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients])):
            gradient.copy_(part.view_as(gradient))

    def loss(self, pack: Pack, scenes: np.ndarray, phase: Phase) -> tuple[torch.Tensor, dict[str, float]]:
        batch = pack.batch(scenes, phase.joint, TEXT_LENGTH if phase.joint else None)
        with torch.autocast("cpu", torch.bfloat16):
            tokens = self.model.image_tokens(batch.pixels)
            table = self.model.decoder.embed.weight
            parts = vision_losses(tokens, batch, table, self.words, self.heads, phase.soft)
            total = sum(parts.values())
            if phase.joint:
                states = text_states(self.model, tokens, batch)
                asked = asked_losses(states, batch, self.words, self.heads)
                parts |= asked | {"answer": answer_loss(answer_logits(self.model, states, batch), batch)}
                total = VISION_WEIGHT_IN_JOINT_PHASES * total + parts["answer"] + ASKED_WEIGHT * sum(asked.values())
        return total, {name: float(part.detach()) for name, part in parts.items()}

    def run(self, name: str, phase: Phase) -> None:
        optimisers, mean = self.optimisers(phase), {}
        stream = self.indices(self.args.joint_batch if phase.joint else self.args.vision_batch)
        steps, cosine = phase.steps // self.args.shorten, phase.cosine // self.args.shorten
        for step in range(steps):
            rate = min(1.0, (step + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / cosine)))
            for group in (g for o in optimisers for g in o.param_groups):
                group["lr"] = group["peak"] * rate
            total, parts = self.loss(*next(stream), phase)
            total.backward()
            self.average_gradients()
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0 if phase.joint else 5.0)
            for optimiser in optimisers:
                optimiser.step()
            for parameter in self.parameters:
                parameter.grad = None
            mean = {k: 0.97 * mean.get(k, v) + 0.03 * v for k, v in parts.items()}
            if step % 50 == 49:
                self.log(f"{name} {step + 1}/{steps} " + " ".join(f"{k} {v:.3f}" for k, v in mean.items()))
            if (step + 1) % self.args.evaluate_every == 0 or step + 1 == steps:
                self.checkpoint(f"{name}-{step + 1}", phase.joint)

    def checkpoint(self, name: str, joint: bool) -> None:
        """Saves the weights and measures them on validation scenes."""
        if self.rank != 0:
            return
        folder = self.args.work / "checkpoints" / self.args.name
        folder.mkdir(parents=True, exist_ok=True)
        torch.save({"model": self.model.state_dict(), "heads": self.heads.state_dict()}, folder / f"{name}.pt")
        copy = create_model(self.encoder.tokenizer.get_vocab_size(), 0)
        copy.load_state_dict(self.model.state_dict())
        validation = self.args.work / "packs" / "validation"
        pack = Pack(validation)
        accuracy, right = answer_accuracy(copy, pack, self.words, 300)
        found = localisation(copy, pack, validation, self.encoder, right, 120) if joint else {}
        (folder / f"{name}.json").write_text(json.dumps({"accuracy": accuracy, "localisation": found}, indent=1))
        self.log(f"== {name}: {summary(accuracy, found)}")


def main() -> None:
    args = arguments()
    trainer = Trainer(args)
    if args.from_checkpoint:
        state = torch.load(args.from_checkpoint, weights_only=True)
        trainer.model.load_state_dict(state["model"])
        trainer.heads.load_state_dict(state["heads"])
    for name in args.phases.split(","):
        trainer.run(name, PHASES[name])
    if trainer.world > 1:
        dist.barrier()
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
