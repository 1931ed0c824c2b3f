"""Attention as one operator of ONNX, linear attention, and positions told by turning."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from graphs.building.modules.onnx.common import type_of


def heads(x: Tensor, count: int | None) -> Tensor:
    """[N, T, heads · d] as [N, heads, T, d]."""
    return x if x.ndim == 4 else x.reshape(*x.shape[:2], count or 1, -1).transpose(1, 2)


def allowed_keys(q: Tensor, k: Tensor, before: Tensor | int, causal: int, left: int, right: int) -> Tensor:
    """Which keys each query looks at: none behind it, none further away than the window."""
    places = torch.arange(q.shape[2], device=q.device).unsqueeze(1)
    start = before.reshape(-1, 1, 1, 1) if isinstance(before, Tensor) else before
    away = torch.arange(k.shape[2], device=q.device).unsqueeze(0) - (places + start)
    allowed = torch.ones_like(away, dtype=torch.bool)
    if causal:
        allowed = allowed & (away <= 0)
    if left >= 0:
        allowed = allowed & (away >= -left)
    return allowed & (away <= right) if right >= 0 else allowed


def attention_bias(
    q: Tensor, k: Tensor, mask: Tensor | None, lengths: Tensor | None, past: int, causal: int, left: int, right: int
) -> Tensor:
    """What is added to the scores: 0 where a query may look, −∞ where it may not."""
    never = torch.full((), -math.inf, dtype=q.dtype, device=q.device)
    bias = torch.zeros(q.shape[2], k.shape[2], dtype=q.dtype, device=q.device)
    if mask is not None:
        missing = k.shape[2] - mask.shape[-1]
        boolean = mask.dtype == torch.bool
        added = torch.where(mask, torch.zeros_like(never), never) if boolean else mask.to(q.dtype)
        bias = bias + (functional.pad(added, (0, missing), value=-math.inf) if missing else added)
    if causal or left >= 0 or right >= 0:
        before = past if lengths is None else lengths - q.shape[2]
        bias = bias + torch.where(allowed_keys(q, k, before, causal, left, right), torch.zeros_like(never), never)
    if lengths is not None:
        there = torch.arange(k.shape[2], device=q.device) < lengths.reshape(-1, 1, 1, 1)
        bias = bias + torch.where(there, torch.zeros_like(never), never)
    return bias


def onnx_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    attn_mask: Tensor | None = None,
    past_key: Tensor | None = None,
    past_value: Tensor | None = None,
    nonpad_kv_seqlen: Tensor | None = None,
    is_causal: int = 0,
    kv_num_heads: int | None = None,
    left_window_size: int = -1,
    q_num_heads: int | None = None,
    qk_matmul_output_mode: int = 0,
    right_window_size: int = -1,
    scale: float | None = None,
    softcap: float = 0.0,
    softmax_precision: str | None = None,
) -> tuple[Tensor, ...]:
    """softmax(q · kᵀ · scale + bias) · v; a query that may look at nothing gives 0. Also the keys, the values and the
    scores. Fewer heads of keys than of queries are shared between them."""
    flat = q.ndim == 3
    q, k, v = heads(q, q_num_heads), heads(k, kv_num_heads), heads(v, kv_num_heads)
    past = 0 if past_key is None else past_key.shape[2]
    keys = k if past_key is None else torch.cat((past_key, k), 2)
    values = v if past_value is None else torch.cat((past_value, v), 2)
    root = math.sqrt(1 / math.sqrt(q.shape[3]) if scale is None else scale)
    bias = attention_bias(q, keys, attn_mask, nonpad_kv_seqlen, past, is_causal, left_window_size, right_window_size)
    shared = q.shape[1] // keys.shape[1]
    k, v = keys.repeat_interleave(shared, 1), values.repeat_interleave(shared, 1)
    raw = torch.matmul(q * root, k.transpose(2, 3) * root)
    capped = softcap * torch.tanh(raw / softcap) if softcap else raw
    scores = capped + bias
    blind = (bias.amax(-1, keepdim=True) == -math.inf).expand(*scores.shape[:-1], 1)
    safe = torch.where(blind, torch.zeros_like(scores), scores)
    exact = safe if softmax_precision is None else safe.to(type_of(softmax_precision))
    weights = torch.where(blind, torch.zeros_like(exact), torch.softmax(exact, -1)).to(q.dtype)
    y = torch.matmul(weights, v)
    y = y.transpose(1, 2).flatten(2) if flat else y
    return y, keys, values, (raw, capped, scores, weights)[qk_matmul_output_mode]


def onnx_linear_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    past_state: Tensor | None = None,
    decay: Tensor | None = None,
    beta: Tensor | None = None,
    chunk_size: int = 64,
    kv_num_heads: int = 1,
    q_num_heads: int = 1,
    scale: float = 0.0,
    update_rule: str = "gated_delta",
) -> tuple[Tensor, Tensor]:
    """A memory of keys and values that is written at each step, and read by the query; also the last memory."""
    q, k, v = heads(q, q_num_heads), heads(k, kv_num_heads), heads(v, kv_num_heads)
    size, share = q.shape[3], q_num_heads // kv_num_heads
    factor = scale or 1 / math.sqrt(size)
    state = q.new_zeros(k.shape[0], k.shape[1], k.shape[3], v.shape[3]) if past_state is None else past_state
    fades = None if decay is None else heads(decay, kv_num_heads).exp()
    rates = (
        None if beta is None else heads(beta.expand(*beta.shape[:2], max(beta.shape[2], kv_num_heads)), kv_num_heads)
    )
    found = []
    for t in range(k.shape[2]):
        key, value = k[:, :, t].unsqueeze(-1), v[:, :, t].unsqueeze(-2)
        if fades is not None and update_rule.startswith("gated"):
            state = state * fades[:, :, t].unsqueeze(-1)
        if rates is not None and update_rule.endswith("delta"):
            value = rates[:, :, t].unsqueeze(-1) * (value - (key * state).sum(-2, keepdim=True))
        state = state + key * value
        query = q[:, :, t].unsqueeze(-1)
        found.append((query * state.repeat_interleave(share, 1)).sum(-2) * factor)
    return torch.stack(found, 2).transpose(1, 2).flatten(2), state


def onnx_rotary_embedding(
    x: Tensor,
    cos: Tensor,
    sin: Tensor,
    position_ids: Tensor | None = None,
    interleaved: int = 0,
    num_heads: int = 0,
    rotary_embedding_dim: int = 0,
) -> Tensor:
    """Pairs of numbers turned by an angle that says the position."""
    y = heads(x, num_heads).transpose(1, 2)
    size = rotary_embedding_dim or y.shape[-1]
    if position_ids is not None:
        cos, sin = cos[position_ids.long()], sin[position_ids.long()]
    cos, sin = (part[..., : size // 2].unsqueeze(2) for part in (cos, sin))
    turn, rest = y[..., :size], y[..., size:]
    a, b = (turn[..., 0::2], turn[..., 1::2]) if interleaved else turn.chunk(2, -1)
    real, imaginary = cos * a - sin * b, sin * a + cos * b
    turn = torch.stack((real, imaginary), -1).flatten(-2) if interleaved else torch.cat((real, imaginary), -1)
    y = torch.cat((turn, rest), -1)
    return y.flatten(2) if x.ndim == 3 else y.transpose(1, 2)


def onnx_causal_conv_with_state(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    past_state: Tensor | None = None,
    activation: str = "none",
) -> tuple[Tensor, Tensor]:
    """Each channel with a window over itself and the steps before; also the last steps, for going on."""
    reach = weight.shape[2] - 1
    before = x.new_zeros(*x.shape[:2], reach) if past_state is None else past_state
    whole = torch.cat((before, x), 2)
    y = functional.conv1d(whole, weight, bias, groups=x.shape[1])
    y = functional.silu(y) if activation in ("silu", "swish") else y
    return y, whole[:, :, whole.shape[2] - reach :]
