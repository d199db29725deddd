"""Every kernel against its reference in doubles, in the interpreter: odd shapes, number formats, poisoned memory.

Inputs are made in the low format first and widened for the reference, so that only the kernel's own error counts.
"""

import pytest
import torch

from atelier_runtime.kernels.dispatch import AttentionTile, Tile, bucket, choose_attention_tile, choose_tile, tile_by_rule
from atelier_runtime.kernels.gate_residual import kernel as gate_kernel
from atelier_runtime.kernels.gate_residual import reference as gate_reference
from atelier_runtime.kernels.int4_weights import dequantise_int4, quantise_int4
from atelier_runtime.kernels.int4_weights import kernel as int4_kernel
from atelier_runtime.kernels.int4_weights import reference as int4_reference
from atelier_runtime.kernels.modulate import kernel as plain_modulate_kernel
from atelier_runtime.kernels.modulate import reference as plain_modulate_reference
from atelier_runtime.kernels.modulate_quantise import kernel as modulate_kernel
from atelier_runtime.kernels.modulate_quantise import reference as modulate_reference
from atelier_runtime.kernels.prefix_attention import kernel as attention_kernel
from atelier_runtime.kernels.prefix_attention import reference as attention_reference
from atelier_runtime.kernels.qk_norm_rope import kernel as rope_kernel
from atelier_runtime.kernels.qk_norm_rope import reference as rope_reference
from atelier_runtime.kernels.swiglu import kernel as plain_swiglu_kernel
from atelier_runtime.kernels.swiglu import reference as plain_swiglu_reference
from atelier_runtime.kernels.swiglu_quantise import kernel as swiglu_kernel
from atelier_runtime.kernels.swiglu_quantise import reference as swiglu_reference
from atelier_runtime.kernels.w4a8_gemm import kernel as w4a8_kernel
from atelier_runtime.kernels.w4a8_gemm import reference as w4a8_reference
from atelier_runtime.kernels.w4a8_gemm.kernel import WIDEN_FOUR
from atelier_runtime.kernels.w8a8_gemm import kernel as w8a8_kernel
from atelier_runtime.kernels.w8a8_gemm import reference as w8a8_reference

FORMATS = [(torch.float32, 2e-6), (torch.float16, 2e-3), (torch.bfloat16, 1.6e-2)]
SMALL = Tile(16, 32)
CUTS = [SMALL, Tile(16, 32, splits=3, block_k=32), Tile(16, 32, swizzle=1, block_k=32), Tile(16, 32, descriptors=True, block_k=64)]
ODD = [(1, 5, 33), (17, 40, 64), (5, 70, 130)]
"""M, N, K"""


def assert_near(actual: torch.Tensor, expected: torch.Tensor, tolerance: float) -> None:
    """`tolerance` in units of the largest expected value."""
    assert actual.dtype == expected.dtype
    difference = (actual.double() - expected.double()).abs().max() / expected.double().abs().max()
    assert difference <= tolerance  # false for NaN


def integers(generator, *shape):
    return torch.randint(-127, 128, shape, generator=generator, dtype=torch.int8)


def scales(generator, *shape):
    return torch.rand(shape, generator=generator) * 0.1 + 0.01


def normals(generator, *shape, dtype=torch.float32):
    return torch.randn(shape, generator=generator).to(dtype)


@pytest.mark.parametrize("group", [32, 64])
def test_packed_weights_unpack_to_themselves_over_all_sixteen_values(group, generator):
    q4 = torch.randint(-8, 8, (3, 4, group), generator=generator, dtype=torch.int8)
    assert (int4_reference.unpack_int4(int4_reference.pack_int4(q4), group) == q4).all()


def test_quantised_weights_lie_within_half_a_step_of_the_true_ones(generator):
    weight = normals(generator, 7, 130)
    packed = quantise_int4(weight, 64)
    step = packed.channel_scale[:, None] * packed.group_scale.repeat_interleave(64, 1)[:, :130]
    assert ((dequantise_int4(packed) - weight).abs() <= 0.5001 * step).all()
    assert packed.bytes < 0.6 * weight.numel() + 64 * 7  # 4 bit, whole groups, scales


def test_a_row_of_zeros_stays_zero():
    assert (dequantise_int4(quantise_int4(torch.zeros(2, 64))) == 0).all()


@pytest.mark.parametrize(("n", "k", "group"), [(1, 31, 32), (5, 130, 64), (3, 640, 64)])
def test_expand_int4_agrees(n, k, group, generator, guarded):
    weights = quantise_int4(normals(generator, n, k), group)
    hostile = int4_reference.Int4Weights(guarded(weights.packed), guarded(weights.group_scale), weights.channel_scale, k)
    assert (int4_kernel.expand_int4(hostile) == int4_reference.expand_int4(weights)).all()


@pytest.mark.parametrize(("dtype", "tolerance"), FORMATS, ids=str)
@pytest.mark.parametrize(("m", "n", "k"), ODD)
def test_w8a8_gemm_agrees(m, n, k, dtype, tolerance, generator, guarded):
    x, weight, x_scale, channel_scale = integers(generator, m, k), integers(generator, n, k), scales(generator, m), scales(generator, n)
    residual, gate = normals(generator, m, n, dtype=dtype), normals(generator, 1, n, dtype=dtype)
    for extra in ((None, None), (residual, None), (residual, gate)):
        expected = w8a8_reference.w8a8_gemm(x, x_scale, weight, channel_scale, *extra, dtype=dtype)
        hostile = [guarded(part) if part is not None else None for part in (x, x_scale, weight, channel_scale, *extra)]
        assert_near(w8a8_kernel.w8a8_gemm(*hostile, dtype=dtype, tile=SMALL), expected, tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), FORMATS, ids=str)
@pytest.mark.parametrize(("m", "n", "k"), ODD)
def test_w4a8_gemm_agrees_fused_and_expanded(m, n, k, dtype, tolerance, generator, guarded):
    x, x_scale = integers(generator, m, k), scales(generator, m)
    weights = quantise_int4(normals(generator, n, k), 64)
    residual, gate = normals(generator, m, n, dtype=dtype), normals(generator, 1, n, dtype=dtype)
    expected = w4a8_reference.w4a8_gemm(x, x_scale, weights, residual, gate, dtype=dtype)
    hostile = int4_reference.Int4Weights(guarded(weights.packed), guarded(weights.group_scale), guarded(weights.channel_scale), k)
    inputs = [guarded(x), guarded(x_scale), hostile, guarded(residual), guarded(gate)]
    for tile in (SMALL, Tile(16, 32, expand_once=True)):
        assert_near(w4a8_kernel.w4a8_gemm(*inputs, dtype=dtype, tile=tile), expected, tolerance)


@pytest.mark.parametrize("tile", CUTS[1:], ids=["splits", "narrow bands", "copy engine"])
@pytest.mark.parametrize(("m", "n", "k"), [(1, 5, 33), (35, 70, 208)])
def test_every_way_to_cut_a_product_gives_the_same_bits(tile, m, n, k, generator, guarded):
    x, weight, x_scale, channel_scale = integers(generator, m, k), integers(generator, n, k), scales(generator, m), scales(generator, n)
    residual, gate = normals(generator, m, n), normals(generator, 1, n)
    inputs = [guarded(part) for part in (x, x_scale, weight, channel_scale, residual, gate)]
    uncut = w8a8_kernel.w8a8_gemm(*inputs, dtype=torch.float32, tile=SMALL)
    assert (w8a8_kernel.w8a8_gemm(*inputs, dtype=torch.float32, tile=tile) == uncut).all()
    weights = quantise_int4(normals(generator, n, k), 32)
    uncut = w4a8_kernel.w4a8_gemm(x, x_scale, weights, residual, gate, torch.float32, SMALL)
    assert (w4a8_kernel.w4a8_gemm(x, x_scale, weights, residual, gate, torch.float32, tile) == uncut).all()


def test_four_weights_widened_in_one_register_are_what_they_are_alone():
    """The assembler text, executed line by line in integers: the interpreter cannot run it."""
    registers: dict[str, int] = {}

    def value(name: str) -> int:
        return registers[name] if name in registers else int(name, 0)

    operations = {
        "and.b32": lambda a, b: a & b, "xor.b32": lambda a, b: a ^ b, "shr.u32": lambda a, b: a >> b,
        "mad.lo.u32": lambda a, b, c: (a * b + c) & 0xFFFFFFFF,
    }  # fmt: skip
    lines = [line.rstrip(";").split(" ", 1) for line in WIDEN_FOUR.split("\n") if line.endswith(";") and not line.startswith(".reg")]
    for scale in range(1, 18):
        for first in range(-7, 8):
            q = [((first + 7 + 2 * place) % 15) - 7 for place in range(8)]  # low halves, then high halves
            packed = sum(((q[place] & 15) | (q[place + 4] & 15) << 4) << (8 * place) for place in range(4))
            registers |= {"$2": packed, "$3": scale * 0x01010101}
            for name, operands in lines:
                target, *sources = operands.split(", ")
                registers[target] = operations[name](*map(value, sources))
            widened = [(registers[f"${half}"] >> (8 * place)) & 255 for half in (0, 1) for place in range(4)]
            assert widened == [(scale * part) % 256 for part in q]


def test_each_condition_of_a_batch_gates_its_own_rows(generator, guarded):
    x, weight, x_scale, channel_scale = integers(generator, 6, 64), integers(generator, 9, 64), scales(generator, 6), scales(generator, 9)
    residual, gate = normals(generator, 6, 9), normals(generator, 3, 9)
    expected = w8a8_reference.w8a8_gemm(x, x_scale, weight, channel_scale, residual, gate)
    actual = w8a8_kernel.w8a8_gemm(x, x_scale, weight, channel_scale, residual, guarded(gate), torch.float32, SMALL)
    assert_near(actual, expected, 2e-6)


def assert_quantised_alike(actual, expected):
    """A value in the middle between two bytes may fall either way; scales agree to the last digits."""
    (q, scale), (expected_q, expected_scale) = actual, expected
    assert torch.allclose(scale, expected_scale, rtol=3e-6)
    difference = (q.int() - expected_q.int()).abs()
    assert difference.max() <= 1 and difference.float().mean() < 0.01


@pytest.mark.parametrize("dtype", [dtype for dtype, _ in FORMATS], ids=str)
@pytest.mark.parametrize(("batch", "tokens", "width"), [(1, 3, 64), (2, 5, 100), (3, 1, 257)])
def test_modulate_quantise_agrees(batch, tokens, width, dtype, generator, guarded):
    x, shift, scale = (normals(generator, rows, width, dtype=dtype) for rows in (batch * tokens, batch, batch))
    smoothing = scales(generator, width)
    for extra in ((), (smoothing,)):
        expected = modulate_reference.modulate_quantise(x, shift, scale, *extra)
        actual = modulate_kernel.modulate_quantise(*(guarded(part) for part in (x, shift, scale, *extra)))
        assert_quantised_alike(actual, expected)
        plain = modulate_kernel.quantise_rows(*(guarded(part) for part in (x, *extra)))
        assert_quantised_alike(plain, modulate_reference.quantise_rows(x, *extra))


def test_quantising_a_row_of_zeros_gives_zeros_and_a_usable_scale():
    q, scale = modulate_kernel.modulate_quantise(torch.zeros(2, 64), torch.zeros(1, 64), torch.zeros(1, 64))
    assert (q == 0).all() and (scale == 1).all()


@pytest.mark.parametrize("dtype", [dtype for dtype, _ in FORMATS], ids=str)
def test_swiglu_quantise_agrees(dtype, generator, guarded):
    gate_up, smoothing = normals(generator, 5, 2 * 37, dtype=dtype), scales(generator, 37)
    for extra in ((), (smoothing,)):
        expected = swiglu_reference.swiglu_quantise(gate_up, *extra)
        assert_quantised_alike(swiglu_kernel.swiglu_quantise(*(guarded(part) for part in (gate_up, *extra))), expected)


@pytest.mark.parametrize(("dtype", "tolerance"), FORMATS, ids=str)
@pytest.mark.parametrize(("batch", "tokens", "width"), [(1, 3, 64), (2, 5, 100), (3, 1, 1027)])
def test_passes_without_rounding_agree(batch, tokens, width, dtype, tolerance, generator, guarded):
    rows = batch * tokens
    x, branch, gate_up = normals(generator, rows, width, dtype=dtype), normals(generator, rows, width, dtype=dtype), normals(
        generator, rows, 2 * width, dtype=dtype
    )  # fmt: skip
    shift, scale = normals(generator, batch, width, dtype=dtype), normals(generator, batch, width, dtype=dtype)
    for kernel, reference, inputs in (
        (plain_modulate_kernel.modulate, plain_modulate_reference.modulate, (x, shift, scale)),
        (gate_kernel.gate_residual, gate_reference.gate_residual, (x, scale, branch)),
        (plain_swiglu_kernel.swiglu, plain_swiglu_reference.swiglu, (gate_up,)),
    ):
        assert_near(kernel(*(guarded(part) for part in inputs)), reference(*inputs), tolerance)


def angles(generator, batches, tokens, pairs):
    angle = torch.rand((batches, tokens, pairs), generator=generator) * 6
    return angle.cos(), angle.sin()


@pytest.mark.parametrize(("dtype", "tolerance"), FORMATS, ids=str)
@pytest.mark.parametrize(("batch", "tokens", "heads", "width"), [(1, 5, 2, 32), (2, 3, 3, 20)])
def test_qk_norm_rope_agrees(batch, tokens, heads, width, dtype, tolerance, generator, guarded):
    qkv = normals(generator, batch, tokens, 3, heads, width, dtype=dtype)
    gains = [normals(generator, width, dtype=dtype) for _ in range(2)]
    for batches in {1, batch}:
        cos, sin = angles(generator, batches, tokens, width // 2)
        expected = rope_reference.qk_norm_rope(qkv, *gains, cos, sin)
        actual = rope_kernel.qk_norm_rope(*(guarded(part) for part in (qkv, *gains, cos, sin)))
        for one, other in zip(actual, expected, strict=True):
            assert_near(one, other, tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), FORMATS, ids=str)
@pytest.mark.parametrize(("batch", "tokens", "prefix", "width"), [(1, 17, 40, 32), (2, 5, 3, 20), (1, 33, 0, 64)])
def test_prefix_attention_agrees(batch, tokens, prefix, width, dtype, tolerance, generator, guarded):
    heads = 2
    q, keys, values = (normals(generator, batch, heads, tokens, width, dtype=dtype) for _ in range(3))
    before = [normals(generator, 1, heads, prefix, width, dtype=dtype) for _ in range(2)] if prefix else [None, None]
    cos, sin = angles(generator, 1, tokens, width // 2)
    expected = attention_reference.prefix_attention(q, keys, values, *before, cos, sin)
    hostile = [guarded(part) if part is not None else None for part in (q, keys, values, *before, cos, sin)]
    assert_near(attention_kernel.prefix_attention(*hostile, tile=AttentionTile(16, 16)), expected, tolerance)


def segments_of(*parts: int, batch: int = 1) -> torch.Tensor:
    """int32 [B, n]: part k has number k + 1, the second row of a batch ends in padding."""
    row = torch.cat([torch.full((count,), number, dtype=torch.int32) for number, count in enumerate(parts, start=1)])
    rows = row.repeat(batch, 1)
    rows[1:, -2:] = -1
    return rows


@pytest.mark.parametrize(("dtype", "tolerance"), FORMATS, ids=str)
@pytest.mark.parametrize("joined", [True, False], ids=["one sequence", "behind a prefix"])
def test_prefix_attention_agrees_under_the_block_causal_mask(joined, dtype, tolerance, generator, guarded):
    every = segments_of(18, 19, 5, 11, batch=2)  # two references, text, outputs
    split = 0 if joined else 42
    count, heads, width = every.shape[1], 2, 32
    q, keys, values = (normals(generator, 2, heads, count, width, dtype=dtype) for _ in range(3))
    cos, sin = angles(generator, 2, count - split, width // 2)
    own = [part[:, :, split:].contiguous() for part in (q, keys, values)]
    before = [None, None] if joined else [part[:, :, :split].contiguous() for part in (keys, values)]
    segments = attention_reference.Segments(every[:, split:].contiguous(), None if joined else every[:, :split].contiguous(), 2)
    expected = attention_reference.prefix_attention(*own, *before, cos, sin, segments)
    hostile = [guarded(part) if part is not None else None for part in (*own, *before, cos, sin)]
    hostile_segments = attention_reference.Segments(guarded(segments.own), None if joined else guarded(segments.prefix), 2)
    actual = attention_kernel.prefix_attention(*hostile, segments=hostile_segments, tile=AttentionTile(16, 16))
    assert_near(actual, expected, tolerance)
    assert (actual[1, -2:] == 0).all()  # padding sees nothing


def test_the_mask_lets_references_see_themselves_text_the_references_and_outputs_everything():
    segments = attention_reference.Segments(torch.tensor([[1, 2, 3, 4, -1]], dtype=torch.int32), None, references=2)
    seen = [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    assert segments.visible()[0].int().tolist() == seen


def test_the_attention_reference_is_what_a_block_of_the_model_computes(generator):
    from atelier_runtime.models.layers import attend, rotate

    q, keys, values = (normals(generator, 1, 2, 6, 32) for _ in range(3))
    before = [normals(generator, 1, 2, 4, 32) for _ in range(2)]
    cos, sin = angles(generator, 1, 6, 16)
    seen = attend(q, torch.cat([before[0], keys], 2), torch.cat([before[1], values], 2), None)
    expected = rotate(seen, cos.unsqueeze(1), -sin.unsqueeze(1)).transpose(1, 2).flatten(2)
    assert_near(attention_reference.prefix_attention(q, keys, values, *before, cos, sin), expected, 1e-5)


def test_tiles_widen_weights_once_for_many_rows_alone():
    cpu = torch.device("cpu")
    assert not choose_tile("w4a8_gemm", 256, 4096, 4096, cpu).expand_once
    assert choose_tile("w4a8_gemm", 512, 4096, 4096, cpu).expand_once
    assert [bucket(m) for m in (1, 16, 17, 64, 100_000)] == [16, 16, 32, 64, 8192]


def test_few_rows_are_split_along_k_until_every_multiprocessor_has_work():
    few = tile_by_rule("w4a8_gemm", 4, 4096, 4096)
    assert few.splits * 4096 // few.block_n >= 264 and few.block_m == 16
    assert tile_by_rule("w4a8_gemm", 4, 64, 512).splits == 1  # a short sum is not worth a second pass
    assert tile_by_rule("w8a8_gemm", 4096, 4096, 4096).splits == 1
    assert choose_attention_tile(1024, 96, 128, torch.device("cpu")).block_m == 128
