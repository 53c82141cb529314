"""What is learned: words of answers, and, from the masks, what each image token shows."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .data import Batch, attention_mask, embed_batch
from .model import TinyLlava

#: A patch belongs to an object from this share on, and to the background below the second one.
OBJECT_SHARE, BACKGROUND_SHARE = 0.25, 0.03
IGNORE = -100


class VisionHeads(nn.Module):
    """Helpers of training, thrown away afterwards. Of patches: the object's place in the description, whether it is the
    last one, where its middle is. Of a noun in a question: whether the picture shows it, and in which row and column."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.rank = nn.Linear(width, 3)
        self.last = nn.Linear(width, 2)
        self.offset = nn.Linear(width, 2)
        self.shown = nn.Linear(width, 2)
        self.row = nn.Linear(width, 2)
        self.column = nn.Linear(width, 3)


class WordIds:
    """Token ids of the words that patches are aligned with."""

    def __init__(self, vocabulary: dict, word) -> None:
        ids = lambda names: torch.tensor([word(name) for name in names])
        self.nouns = ids([*vocabulary["nouns"], "background"])
        self.noun_tokens = ids(vocabulary["nouns"])
        self.colours = ids(vocabulary["colours"])
        self.rows, self.columns = ids(vocabulary["rows"]), ids(vocabulary["columns"])


def patch_owner(coverage: Tensor) -> tuple[Tensor, Tensor]:
    """Index of the patch's object (-1 none or unsure) and whether it is surely background; both [B, 144]."""
    share, owner = coverage[..., 1:].max(-1)
    owner = torch.where(share >= OBJECT_SHARE, owner, -1)
    return owner, coverage[..., 1:].sum(-1) < BACKGROUND_SHARE


def of_owner(labels: Tensor, owner: Tensor) -> Tensor:
    """Per-object labels [B, 3] spread over the patches of the object; IGNORE elsewhere and where the label is -1."""
    spread = labels.gather(1, owner.clamp(min=0))
    return torch.where((owner >= 0) & (spread >= 0), spread, IGNORE)


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean over the targets that count; 0 if none does."""
    chosen = target != IGNORE
    return F.cross_entropy(logits[chosen].float(), target[chosen]) if chosen.any() else logits.sum() * 0


def vision_losses(
    tokens: Tensor, batch: Batch, embed: Tensor, words: WordIds, heads: VisionHeads, soft: bool
) -> dict[str, Tensor]:
    """Losses that make image tokens lie near the embeddings of the words that are true of their patch.

    `soft`: patches at an object's edge are to show it by their share of it, instead of wholly."""
    owner, ground = patch_owner(batch.coverage)
    labels = batch.labels
    p = F.rms_norm(tokens, tokens.shape[-1:])
    near = lambda ids: p @ embed[ids].T.to(p.dtype)
    noun_logits = near(words.nouns)
    colour = torch.where(ground, labels["background"][:, None], of_owner(labels["colour"], owner))
    ground_class = torch.where(ground, len(words.nouns) - 1, IGNORE)
    rank = torch.where(owner >= 0, owner, IGNORE)
    last = torch.where(owner >= 0, (owner == labels["count"][:, None] - 1).long(), IGNORE)
    return {
        "noun": share_loss(noun_logits, batch.coverage, labels["noun"], ~ground)
        if soft
        else cross_entropy(noun_logits, of_owner(labels["noun"], owner)),
        "ground": 0.5 * cross_entropy(noun_logits, ground_class),
        "colour": 0.5 * cross_entropy(near(words.colours), colour),
        "row": 0.3 * cross_entropy(near(words.rows), of_owner(labels["row"], owner)),
        "column": 0.3 * cross_entropy(near(words.columns), of_owner(labels["column"], owner)),
        "rank": 0.2 * cross_entropy(heads.rank(tokens), rank),
        "last": 0.2 * cross_entropy(heads.last(tokens), last),
        "offset": offset_loss(heads.offset(tokens), labels["centre"], owner),
    }


def share_loss(logits: Tensor, coverage: Tensor, nouns: Tensor, chosen: Tensor) -> Tensor:
    """Cross-entropy of the chosen patches against their shares of objects and background (the last class). Heatmaps then
    peak inside objects rather than at their edges."""
    share, picture = coverage[chosen], chosen.nonzero()[:, 0]
    target = torch.zeros(len(share), logits.shape[-1])
    target.scatter_add_(1, nouns[picture].clamp(min=0), share[:, 1:])
    target[:, -1] += share[:, 0]
    return F.cross_entropy(logits[chosen].float(), target)


def offset_loss(predicted: Tensor, centre: Tensor, owner: Tensor) -> Tensor:
    """Distance from the patch to the middle of its object, in units of 16 pixels."""
    side = int(owner.shape[1] ** 0.5)
    along = torch.arange(side) * 8.0 + 4.0
    patch = torch.stack([along.repeat(side), along.repeat_interleave(side)], dim=-1)
    target = centre.gather(1, owner.clamp(min=0)[..., None].expand(-1, -1, 2)) - patch
    chosen = owner >= 0
    return 0.5 * F.smooth_l1_loss(predicted[chosen].float(), target[chosen] / 16)


def text_states(model: TinyLlava, image_tokens: Tensor, batch: Batch) -> Tensor:
    """Final hidden states of the text positions, [B, T, width]."""
    x = embed_batch(model, image_tokens, batch.tokens)
    hidden = model.decoder(x, batch.positions, attention_mask(batch.block))
    return hidden[:, image_tokens.shape[1] + 1 :]


def answer_logits(model: TinyLlava, states: Tensor, batch: Batch) -> Tensor:
    """Logits at the positions that predict the words of answers, [R, vocabulary]."""
    return model.decoder.logits(states[batch.rows[:, 0], batch.rows[:, 1]])


def asked_losses(states: Tensor, batch: Batch, words: WordIds, heads: VisionHeads) -> dict[str, Tensor]:
    """What the state at a noun of a question must know of the thing. Without this, questions that name a thing stayed
    at chance long after descriptions were right: two steps (find what is named, carry it on) had to appear at once."""
    noun = torch.where(batch.asked[..., None], batch.tokens[..., None] == words.noun_tokens, False)
    picture, place, noun_class = noun.nonzero(as_tuple=True)
    chosen = states[picture, place]
    match = batch.labels["noun"][picture] == noun_class[:, None]
    shown = match.any(-1)
    which = match.long().argmax(-1)
    of_object = lambda name: torch.where(shown, batch.labels[name][picture, which], IGNORE)
    return {
        "shown": cross_entropy(heads.shown(chosen), shown.long()),
        "askedRow": cross_entropy(heads.row(chosen), of_object("row")),
        "askedColumn": cross_entropy(heads.column(chosen), of_object("column")),
    }


def answer_loss(logits: Tensor, batch: Batch) -> Tensor:
    """Weighted mean over the words of answers."""
    losses = F.cross_entropy(logits.float(), batch.targets, reduction="none")
    return (losses * batch.weights).sum() / batch.weights.sum()


def patch_accuracy(tokens: Tensor, batch: Batch, embed: Tensor, words: WordIds) -> tuple[int, int]:
    """Patches of objects whose nearest noun is right, and their number."""
    owner, _ = patch_owner(batch.coverage)
    noun = of_owner(batch.labels["noun"], owner)
    chosen = noun != IGNORE
    right = (tokens[chosen].float() @ embed[words.nouns].T.float()).argmax(-1) == noun[chosen]
    return int(right.sum()), int(chosen.sum())
