"""Vision encoders of the Qwen-VL models as ONNX can hold them: grids of any size, no loops, no lists of lengths.

transformers cuts the patches into frames and windows with Python lists. Here every patch gets the number of its frame
(and window) from the grid, and a mask lets patches see those of the same number: the same features, in the same order.
"""

import torch
from torch import nn
from torch.nn import functional
from transformers.models.qwen2_vl.modeling_qwen2_vl import apply_rotary_pos_emb_vision


class Grid:
    """Where each of P patches lies, from the grids [images, 3] (frames, rows, columns); patches come in merge blocks."""

    def __init__(self, thw: torch.Tensor, patches: torch.Tensor, merge: int):
        at = torch.arange(patches.shape[0])
        counts = thw[:, 0] * thw[:, 1] * thw[:, 2]
        ends = torch.cumsum(counts, 0)
        self.image = (at[:, None] >= ends[None, :]).to(torch.int64).sum(1)
        within = at - (ends - counts)[self.image]
        self.height, self.width = thw[:, 1][self.image], thw[:, 2][self.image]
        frame_size = self.height * self.width
        self.frame = self._div(within, frame_size)
        within = within - self.frame * frame_size
        block, corner = self._div(within, merge * merge), within % (merge * merge)
        blocks_across = self._div(self.width, merge)
        block_row = self._div(block, blocks_across)
        self.block_row, self.block_col = block_row, block - block_row * blocks_across
        self.row = self.block_row * merge + self._div(corner, merge)
        self.col = self.block_col * merge + corner % merge

    @staticmethod
    def _div(a, b):
        return torch.div(a, b, rounding_mode="floor")

    def same(self, *numbers: torch.Tensor) -> torch.Tensor:
        """0 where two patches agree in image, frame and all `numbers`, far below where they do not: [P, P]."""
        together = torch.stack([self.image, self.frame, *numbers], 1)
        equal = (together[:, None, :] == together[None, :, :]).all(-1)
        return torch.where(equal, 0.0, torch.finfo(torch.float32).min)

    def window(self, side: int) -> torch.Tensor:
        """The mask of attention within windows of `side` x `side` merge blocks."""
        return self.same(self._div(self.block_row, side), self._div(self.block_col, side))


def attend(attention: nn.Module, x: torch.Tensor, rotary, mask: torch.Tensor) -> torch.Tensor:
    """transformers' vision attention over all patches at once."""
    heads = attention.num_heads
    q, k, v = attention.qkv(x).reshape(x.shape[0], 3, heads, -1).permute(1, 0, 2, 3).unbind(0)
    q, k = apply_rotary_pos_emb_vision(q, k, *rotary)
    scores = torch.matmul(q.permute(1, 0, 2), k.permute(1, 2, 0)) * attention.scaling + mask.to(x.dtype)
    z = torch.matmul(functional.softmax(scores, -1), v.permute(1, 0, 2))
    return attention.proj(z.permute(1, 0, 2).reshape(x.shape[0], -1))


class QwenVision(nn.Module):
    """pixel_values [patches, values], grid [images, 3] -> image_features [tokens, hidden] of a transformers encoder.

    deepstack: beside them the features of Qwen3-VL's inner layers, one after another: [tokens, (1 + layers) * hidden].
    """

    def __init__(self, visual: nn.Module, *, deepstack: bool = False):
        super().__init__()
        self.visual = visual
        self.inner = list(visual.config.deepstack_visual_indexes) if deepstack else []

    def forward(self, pixel_values: torch.Tensor, grid_thw: torch.Tensor) -> torch.Tensor:
        visual, config = self.visual, self.visual.config
        grid = Grid(grid_thw, pixel_values, config.spatial_merge_size)
        x = visual.patch_embed(pixel_values)
        if hasattr(visual, "pos_embed"):
            x = x + self.learned_positions(grid).to(x.dtype)
        rotary = visual.rotary_pos_emb(x, torch.stack([grid.row, grid.col], 1))
        everywhere = grid.same()
        windows = getattr(config, "window_size", None)
        if windows:
            inside = grid.window(windows // config.spatial_merge_size // config.patch_size)
        features = []
        for index, block in enumerate(visual.blocks):
            full = not windows or index in config.fullatt_block_indexes
            x = x + attend(block.attn, block.norm1(x), rotary, everywhere if full else inside)
            x = x + block.mlp(block.norm2(x))
            if index in self.inner:
                features.append(visual.deepstack_merger_list[self.inner.index(index)](x))
        return torch.cat([visual.merger(x), *features], -1)

    def learned_positions(self, grid: Grid) -> torch.Tensor:
        """Qwen3-VL's table of positions, stretched over each picture's grid (bilinear, corners aligned)."""
        table = self.visual.pos_embed.weight
        side = int(table.shape[0] ** 0.5)
        (top, bottom, down), (left, right, across) = (
            self.between(grid.row, grid.height, side),
            self.between(grid.col, grid.width, side),
        )
        upper = table[top * side + left] * (1 - across) + table[top * side + right] * across
        lower = table[bottom * side + left] * (1 - across) + table[bottom * side + right] * across
        return upper * (1 - down) + lower * down

    @staticmethod
    def between(at: torch.Tensor, count: torch.Tensor, side: int):
        """The two table rows (or columns) next to each patch's place, and how far along it lies [P, 1]."""
        place = at.float() * (side - 1) / torch.clamp(count - 1, min=1)
        first = place.floor().to(torch.int64)
        return first, torch.clamp(first + 1, max=side - 1), (place - first)[:, None]
