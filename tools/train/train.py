"""Trains the model: a vision phase on masks, then a joint phase on answers (see README of the model for the figures).

    torchrun --standalone --nproc_per_node 2 -m tools.train.train WORK_FOLDER [options]

Each process is one thread; gradients are averaged, all processes take the same steps.
"""

import argparse
import json
import math
import os
import time
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

VISION_WEIGHT_IN_JOINT_PHASE = 0.6
VISION_RATE_IN_JOINT_PHASE = 0.1
ASKED_WEIGHT = 0.3
#: Text positions of a training sequence; of some scenes the last question does not fit.
TEXT_LENGTH = 112


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path, help="folder with packs/ and tokenizer/; checkpoints go to checkpoints/")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vision-batch", type=int, default=32, help="pictures per process and step")
    parser.add_argument("--joint-batch", type=int, default=20, help="pictures per process and step")
    parser.add_argument("--vision-steps", type=int, default=2600)
    parser.add_argument("--joint-steps", type=int, default=2200)
    parser.add_argument("--matrix-rate", type=float, default=0.012)
    parser.add_argument("--other-rate", type=float, default=2.5e-3)
    parser.add_argument("--evaluate-every", type=int, default=300)
    parser.add_argument("--from-checkpoint", type=Path, help="checkpoint to start the joint phase from")
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

    def optimisers(self, vision_rate: float) -> list[torch.optim.Optimizer]:
        matrices, others = {False: [], True: []}, {False: [], True: []}
        for name, parameter in [*self.model.named_parameters(), *self.heads.named_parameters()]:
            vision = name.startswith(("vision.", "projector."))
            is_matrix = parameter.ndim == 2 and ("layers." in name or "projector." in name)
            (matrices if is_matrix else others)[vision].append(parameter)
        rates = {False: 1.0, True: vision_rate}
        groups = lambda split, rate: [{"params": split[v], "lr": rate * rates[v]} for v in (False, True)]
        muon = Muon(groups(matrices, self.args.matrix_rate), lr=self.args.matrix_rate)
        adam = torch.optim.AdamW(
            groups(others, self.args.other_rate), lr=self.args.other_rate, betas=(0.9, 0.98), weight_decay=0.0
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

    def loss(self, pack: Pack, scenes: np.ndarray, joint: bool) -> tuple[torch.Tensor, dict[str, float]]:
        batch = pack.batch(scenes, joint, TEXT_LENGTH if joint else None)
        with torch.autocast("cpu", torch.bfloat16):
            tokens = self.model.image_tokens(batch.pixels)
            parts = vision_losses(tokens, batch, self.model.decoder.embed.weight, self.words, self.heads)
            total = sum(parts.values())
            if joint:
                states = text_states(self.model, tokens, batch)
                asked = asked_losses(states, batch, self.words, self.heads)
                parts |= asked | {"answer": answer_loss(answer_logits(self.model, states, batch), batch)}
                total = VISION_WEIGHT_IN_JOINT_PHASE * total + parts["answer"] + ASKED_WEIGHT * sum(asked.values())
        return total, {name: float(part.detach()) for name, part in parts.items()}

    def phase(self, name: str, steps: int, joint: bool) -> None:
        optimisers = self.optimisers(VISION_RATE_IN_JOINT_PHASE if joint else 1.0)
        stream, mean = self.indices(self.args.joint_batch if joint else self.args.vision_batch), {}
        for step in range(steps):
            rate = min(1.0, (step + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
            for group in (g for o in optimisers for g in o.param_groups):
                group["lr"] = group["peak"] * rate
            total, parts = self.loss(*next(stream), joint)
            total.backward()
            self.average_gradients()
            torch.nn.utils.clip_grad_norm_(self.parameters, 1.0 if joint else 5.0)
            for optimiser in optimisers:
                optimiser.step()
            for parameter in self.parameters:
                parameter.grad = None
            mean = {k: 0.97 * mean.get(k, v) + 0.03 * v for k, v in parts.items()}
            if step % 50 == 49:
                self.log(f"{name} {step + 1}/{steps} " + " ".join(f"{k} {v:.3f}" for k, v in mean.items()))
            if (step + 1) % self.args.evaluate_every == 0 or step + 1 == steps:
                self.checkpoint(f"{name}-{step + 1}", joint)

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
        trainer.heads.load_state_dict(state["heads"], strict=False)
    else:
        trainer.phase("vision", args.vision_steps, joint=False)
    trainer.phase("joint", args.joint_steps, joint=True)
    if trainer.world > 1:
        dist.barrier()
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
