"""Attention for training. On CPUs with bfloat16 matrix units this is several times faster than the fused kernel, whose
backward pass does not use them; the gradient of attention is written out so that only the probabilities are kept."""

import torch
from torch import Tensor
from torch.nn import functional as F


class ExplicitAttention(torch.autograd.Function):
    """softmax(q k^T * scale + bias) v for q [n, m, d], k and v [n, s, d]; bias [n, m, s] or None, without gradient."""

    @staticmethod
    def forward(ctx, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
        scale = q.shape[-1] ** -0.5
        if bias is None:
            scores = torch.bmm(q * scale, k.transpose(1, 2))
        else:
            scores = torch.baddbmm(bias, q, k.transpose(1, 2), alpha=scale)
        p = torch.softmax(scores, -1)
        ctx.save_for_backward(q, k, v, p)
        return torch.bmm(p, v)

    @staticmethod
    def backward(ctx, d_out: Tensor):
        q, k, v, p = ctx.saved_tensors
        d_v = torch.bmm(p.transpose(1, 2), d_out)
        d_p = torch.bmm(d_out, v.transpose(1, 2))
        d_s = torch._softmax_backward_data(d_p, p, -1, p.dtype) * q.shape[-1] ** -0.5
        return torch.bmm(d_s, k), torch.bmm(d_s.transpose(1, 2), q), d_v, None


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Attention of q [batch, heads, length, d] over shared heads k, v [batch, kv, length, d]; mask true where allowed.

    Result [batch, length, heads * d]."""
    batch, heads, length, width = q.shape
    kv = k.shape[1]
    if q.dtype == torch.bfloat16:
        shared = heads // kv * length
        bias = None if mask is None else attention_bias(mask, q.dtype, batch, kv, heads // kv)
        flat = lambda x, rows: x.reshape(batch * kv, rows, width)
        z = ExplicitAttention.apply(flat(q, shared), flat(k, length), flat(v, length), bias)
        z = z.view(batch, heads, length, width)
    else:
        k, v = k.repeat_interleave(heads // kv, 1), v.repeat_interleave(heads // kv, 1)
        z = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return z.transpose(1, 2).reshape(batch, length, heads * width)


def attention_bias(mask: Tensor, dtype: torch.dtype, batch: int, kv: int, repeat: int) -> Tensor:
    """0 where allowed, a very low score elsewhere; laid out for `attend`."""
    low = torch.zeros(mask.shape, dtype=dtype).masked_fill_(~mask, -1e4)
    length = mask.shape[-1]
    return low[:, :, None].expand(batch, kv, repeat, length, length).reshape(batch * kv, repeat * length, length)
