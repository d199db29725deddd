"""What is measured: products, attention, one step, whole pictures, cached references. Each gives rows of one table.

A row always has a prediction; `ms` is null with the reason in `note` where nothing was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from atelier_runtime.kernels.dispatch import AttentionTile, Tile, choose_tile
from atelier_runtime.kernels.int4_weights import reference as int4_reference
from atelier_runtime.kernels.prefix_attention import kernel as attention_kernel
from atelier_runtime.kernels.w4a8_gemm import kernel as w4a8_kernel
from atelier_runtime.kernels.w8a8_gemm import kernel as w8a8_kernel
from atelier_runtime.models.dit import DitConfig, output_positions, reference_positions
from atelier_runtime.pipeline.memory_plan import plan_memory
from benchmarks import roofline, synthetic
from benchmarks.calls import elementwise_calls
from benchmarks.tables import NO_CARD
from benchmarks.timing import median_ms

TEXT_TOKENS = 96
DRY = "dry run: executed, not measured"
MANY_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)


@dataclass(frozen=True)
class Bench:
    """`measures` is true on a card; the dry run executes the small shapes to prove the path and measures nothing."""

    device: torch.device
    card: roofline.Card
    measures: bool

    def row(self, predicted_ms: float, call: Callable[[], object] | None, flops: float | None = None, **facts) -> dict:
        """`call` None = a shape that this device is too small for."""
        row = {**facts, "predictedMs": round(predicted_ms, 4), "ms": None, "tflops": None, "note": ""}
        if call is None:
            return row | {"note": NO_CARD}
        try:
            if not self.measures:
                call()
                return row | {"note": DRY}
            elapsed = median_ms(call, self.device)
        except (RuntimeError, NotImplementedError) as error:
            return row | {"note": f"not run: {str(error).splitlines()[0][:100]}"}
        rate = None if flops is None else round(flops / elapsed / 1e9, 1)
        return row | {"ms": round(elapsed, 4), "tflops": rate}


def products(bench: Bench) -> Iterator[dict]:
    """Every product of the 4B and 8B networks over 1..8192 rows, in every number format."""
    for name in ("4B", "8B") if bench.measures else ("4B", "8B", "dry"):
        runs = bench.measures or name == "dry"
        for n, k in roofline.products(synthetic.CONFIGS[name]):
            for m in MANY_ROWS if name != "dry" else (17,):
                calls = _product_calls(bench, m, n, k) if runs else dict.fromkeys(_WAYS)
                for way in _WAYS:
                    predicted = roofline.gemm_ms(way, m, n, k, bench.card)
                    yield bench.row(predicted, calls[way], 2.0 * m * n * k, network=name, way=way, m=m, n=n, k=k)


_WAYS = ("bf16", "fp8", "int8", "w8a8", "w4a8_fused", "w4a8_expanded")


def _product_calls(bench: Bench, m: int, n: int, k: int) -> dict[str, Callable[[], object]]:
    device, dtype = bench.device, torch.bfloat16 if bench.measures else torch.float16
    x, weight = torch.randn(m, k, device=device).to(dtype), torch.randn(n, k, device=device).to(dtype)
    q = torch.randint(-127, 128, (m, k), dtype=torch.int8, device=device)
    q_scale, channel_scale = torch.rand(m, device=device), torch.rand(n, device=device)
    int4 = synthetic._random_weights("w4a8", n, k, device)
    q8 = int4_reference.expand_int4(int4) if not bench.measures else torch.randint(-127, 128, (n, k), dtype=torch.int8, device=device)
    tile = None if bench.measures else Tile(16, 32)
    fused = _fused_tile(m, n, k) if bench.measures else tile
    expanded = Tile(128, 256, warps=8, expand_once=True) if bench.measures else Tile(16, 32, expand_once=True)

    def fp8() -> object:
        low = torch.float8_e4m3fn
        one = torch.ones((), device=device)
        return torch._scaled_mm(x.to(low), weight.to(low).T, scale_a=one, scale_b=one, out_dtype=torch.bfloat16)

    def int8() -> object:
        # The library's product wants at least 17 rows.
        return torch._int_mm(q if m > 16 else q.repeat(17, 1)[:17], q8.T)

    return {
        "bf16": lambda: x @ weight.T,
        "fp8": fp8,
        "int8": int8,
        "w8a8": lambda: w8a8_kernel.w8a8_gemm(q, q_scale, q8, channel_scale, dtype=dtype, tile=tile),
        "w4a8_fused": lambda: w4a8_kernel.w4a8_gemm(q, q_scale, int4, dtype=dtype, tile=fused),
        "w4a8_expanded": lambda: w4a8_kernel.w4a8_gemm(q, q_scale, int4, dtype=dtype, tile=expanded),
    }


def _fused_tile(m: int, n: int, k: int) -> Tile:
    """The dispatcher's own for few rows, the widest that does not widen before the product for many."""
    return choose_tile("w4a8_gemm", min(m, 256), n, k, torch.device("cuda"))


def attention(bench: Bench) -> Iterator[dict]:
    """Own tokens of a 1K, 2K and 4K picture over a prefix of text and 0, 1 or 4 references."""
    shapes = [(tokens, TEXT_TOKENS + references * 1024) for tokens in (1024, 4096, 16384) for references in (0, 1, 4)]
    for own, prefix in shapes if bench.measures else [*shapes, (20, 7)]:
        heads, width = (32, 128) if own > 20 else (2, 32)
        predicted = roofline.attention_ms(own, prefix, heads, width, bench.card)
        flops = roofline.attention_flops(own, prefix, heads * width)
        calls = (
            _attention_calls(bench, own, prefix, heads, width)
            if bench.measures or own == 20
            else {"library": None, "prefix_attention": None}
        )
        for way, call in calls.items():
            yield bench.row(predicted, call, flops, way=way, own=own, prefix=prefix, heads=heads, headWidth=width)


def _attention_calls(bench: Bench, own: int, prefix: int, heads: int, width: int) -> dict[str, Callable[[], object]]:
    device, dtype = bench.device, torch.bfloat16 if bench.measures else torch.float16
    q, keys, values = (torch.randn(1, heads, own, width, device=device).to(dtype) for _ in range(3))
    before = [torch.randn(1, heads, prefix, width, device=device).to(dtype) for _ in range(2)]
    angle = torch.rand(1, own, width // 2, device=device)
    tile = None if bench.measures else AttentionTile(16, 16)

    def library() -> object:
        joined = (torch.cat([first, second], 2) for first, second in zip(before, (keys, values), strict=True))
        return F.scaled_dot_product_attention(q, *joined)

    def own_kernel() -> object:
        return attention_kernel.prefix_attention(q, keys, values, *before, angle.cos(), angle.sin(), tile=tile)

    return {"library": library, "prefix_attention": own_kernel}


def steps_and_pictures(bench: Bench) -> Iterator[dict]:
    """One denoise step, the decoder and the whole picture; memory predicted and, on a card, reached."""
    cases = [("4B", 1024, 4), ("8B", 1024, 4), ("4B", 2048, 8), ("8B", 2048, 8), ("4B", 4096, 8), ("8B", 4096, 8)]
    for name, size, count in cases if bench.measures else [*cases, ("dry", 64, 2)]:
        runs = bench.measures or name == "dry"
        for precision in ("bf16", "w8a8", "w4a8"):
            yield _picture(bench, name, size, count, precision, runs)


def _picture(bench: Bench, name: str, size: int, count: int, precision: str, runs: bool) -> dict:
    config, own = synthetic.CONFIGS[name], synthetic.own_tokens(size)
    step_ms = roofline.step_ms(config, precision, own, TEXT_TOKENS, bench.card)
    facts = {
        "network": name, "sizePx": size, "steps": count, "precision": precision, "tokens": own,
        "predictedGib": round(plan_memory(config, precision, own, TEXT_TOKENS).total / 2**30, 2),
        "predictedStepMs": round(step_ms, 2), "stepMs": None, "decodeMs": None, "prefixMs": None, "restMs": None, "reachedGib": None,
    }  # fmt: skip
    if not runs:
        return bench.row(step_ms * count, None, **facts)
    with synthetic.low_precision(bench.device), synthetic.flash_attention(), torch.inference_mode():
        drawing = SyntheticDrawing(config, precision, size, bench.device)
        if bench.measures:
            torch.cuda.reset_peak_memory_stats(bench.device)
            facts |= {"stepMs": round(median_ms(drawing.step, bench.device, 10), 2)}
            facts |= {"decodeMs": round(median_ms(drawing.decode, bench.device, 10), 2)}
            facts |= {"prefixMs": round(median_ms(lambda: drawing.prefix(drawing.encode_references()), bench.device, 10), 2)}
        row = bench.row(step_ms * count, lambda: drawing.draw(count), count * roofline.step_flops(config, own, TEXT_TOKENS), **facts)
        if bench.measures:
            row["restMs"] = row["ms"] and round(row["ms"] - count * row["stepMs"] - row["decodeMs"], 2)  # gaps between the launches
            row["reachedGib"] = round(torch.cuda.max_memory_allocated(bench.device) / 2**30, 2)
    return row


class SyntheticDrawing:
    """A request with random weights: prefix once, then steps, then the decoder."""

    def __init__(self, config: DitConfig, precision: str, size: int, device: torch.device, references: int = 0) -> None:
        self.config, self.device, self.references = config, device, references
        self.dit = synthetic.random_dit(config, precision, device)
        self.vae = synthetic.random_vae(device, config.channels)
        self._denoise = synthetic.compiled(self.dit.denoise, device) if precision == "bf16" else self.dit.denoise
        self._dtype, self._cells = self.dit.cell_input.weight.dtype, size // synthetic.DOWNSAMPLING
        own = self._cells**2
        self._latents = torch.randn(1, own, config.channels, device=device, dtype=self._dtype)
        self._positions = output_positions(self._cells, self._cells).to(device)
        self._task, self._t = torch.zeros(1, dtype=torch.int64, device=device), torch.full((1,), 0.5, device=device)
        words = TEXT_TOKENS if device.type == "cuda" else 4  # an interpreted kernel takes milliseconds a token
        self._words = torch.randint(300, 320, (1, words), device=device)
        self.prefix_kv = self.prefix(self.encode_references())

    def encode_references(self) -> list | None:
        """Keys and values of all references, as the cache keeps them and placed."""
        if not self.references:
            return None
        encoded = [self.dit.encode_reference(self._latents, self._positions) for _ in range(self.references)]
        stored = [tuple(torch.cat([one[layer][part] for one in encoded], 2) for part in (0, 1)) for layer in range(self.config.layers)]
        slots = range(1, self.references + 1)
        positions = torch.cat([reference_positions(self._cells, self._cells, slot) for slot in slots]).to(self.device)
        return self.dit.place_references(stored, positions)

    def prefix(self, references: list | None) -> list:
        return self.dit.prefix(self._words, self._task, references)

    def step(self) -> torch.Tensor:
        return self._denoise(self._latents, self._t, self._task, self._positions, self.prefix_kv)

    def decode(self) -> torch.Tensor:
        return self.vae.decode(self._latents.unflatten(1, (self._cells, self._cells)))

    def draw(self, steps: int, cached: bool = True) -> torch.Tensor:
        """Without the cache the references are encoded anew in every step, as a model without a prefix has to."""
        for _ in range(steps):
            if not cached:
                self.prefix_kv = self.prefix(self.encode_references())
            self.step()
        return self.decode()


def references(bench: Bench) -> Iterator[dict]:
    """Steps with 1, 2 and 4 references: K/V read from the cache, against computing it in each step."""
    cases = [("4B", 1024, 4, number) for number in (1, 2, 4)]
    for network, size, steps, number in cases if bench.measures else [*cases, ("dry", 64, 1, 2)]:
        config, drawing = synthetic.CONFIGS[network], None
        if bench.measures or network == "dry":
            with synthetic.low_precision(bench.device), torch.inference_mode():
                drawing = SyntheticDrawing(config, "w4a8", size, bench.device, number)
        for way, step_ms in _reference_step_ms(config, synthetic.own_tokens(size), number, bench.card).items():
            call = None if drawing is None else (lambda d=drawing, n=steps, c=way == "cached": _drawn(d, n, c))
            yield bench.row(steps * step_ms, call, network=network, references=number, way=way, steps=steps)


def _reference_step_ms(config: DitConfig, own: int, number: int, card: roofline.Card) -> dict[str, float]:
    prefix = TEXT_TOKENS + number * own
    step = roofline.step_ms(config, "w4a8", own, prefix, card)
    encoding = number * roofline.step_ms(config, "w4a8", own, 0, card)
    text = roofline.step_ms(config, "w4a8", TEXT_TOKENS, prefix, card)
    return {"cached": step, "encoded in each step": step + encoding + text}


@torch.inference_mode()
def _drawn(drawing: SyntheticDrawing, steps: int, cached: bool) -> torch.Tensor:
    with synthetic.low_precision(drawing.device):
        return drawing.draw(steps, cached)


def elementwise(bench: Bench) -> Iterator[dict]:
    """The passes between the products, 8B network: bound by memory, so each is held against the bytes it has to move."""
    config = synthetic.CONFIGS["8B"]
    shapes = [(m, config.width, config.mlp_width, config.heads, 128) for m in (64, 1024, 4096, 16384)]
    for m, width, mlp, heads, head_width in shapes if bench.measures else [*shapes, (17, 64, 96, 2, 32)]:
        runs = bench.measures or m == 17
        moved = {
            "modulate_quantise": m * 3.0 * width, "modulate": m * 4.0 * width, "swiglu_quantise": m * 5.0 * mlp, "swiglu": m * 6.0 * mlp,
            "gate_residual": m * 6.0 * width, "qk_norm_rope": m * 16.0 * width,
        }  # fmt: skip
        calls = elementwise_calls(bench, m, width, mlp, heads, head_width) if runs else dict.fromkeys(moved)
        for way, count in moved.items():
            yield bench.row(roofline.memory_ms(count, bench.card), calls[way], way=way, m=m, width=width, mlpWidth=mlp)


def v3_against_v4(bench: Bench) -> Iterator[dict]:
    """One picture each way, every factor apart: tokens (f = 8 against f = 32), steps, guidance, precision. Both networks
    have the blocks' weights of about 4B, all random: what pictures they would draw is not compared here."""
    ways = [
        ("v3", 8, 28, 2, "bf16"), ("v4, tokens of v3", 8, 28, 2, "bf16"), ("v4, fewer tokens", 32, 28, 2, "bf16"),
        ("v4, no guidance", 32, 28, 1, "bf16"), ("v4, 8 steps", 32, 8, 1, "bf16"), ("v4", 32, 8, 1, "w4a8"),
    ]  # fmt: skip
    for size in (512, 1024) if bench.measures else (512, 1024, 64):
        runs = bench.measures or size == 64
        for way, f, steps, passes, precision in ways:
            config, own = synthetic.CONFIGS["dry" if size == 64 else "4B"], (size // f) ** 2
            if way == "v3":
                step_ms = roofline.joint_step_ms(synthetic.joint_config(config), own, TEXT_TOKENS, bench.card)
            else:
                step_ms = roofline.step_ms(config, precision, own, TEXT_TOKENS, bench.card)
            call = _one_step(bench, config, way == "v3", precision, own) if runs else None
            row = bench.row(
                step_ms, call, way=way, sizePx=size, downsampling=f, tokens=own, steps=steps, passes=passes, precision=precision
            )
            factor = steps * passes / (size / 1024) ** 2 / 1000
            measured = None if row["ms"] is None else round(row["ms"] * factor, 4)
            yield row | {"predictedSPerMp": round(row["predictedMs"] * factor, 4), "sPerMp": measured}


def _one_step(bench: Bench, config: DitConfig, joint: bool, precision: str, own: int) -> Callable[[], object]:
    """A denoise step over `own` square cells; the network is made by the first call and kept by the next ones."""
    cells, made = round(own**0.5), []

    def call() -> object:
        with synthetic.low_precision(bench.device), synthetic.flash_attention(), torch.inference_mode():
            if not made:
                step = synthetic.JointStep if joint else synthetic.SingleStep
                made.append(step(config, precision, cells, TEXT_TOKENS if bench.measures else 4, bench.device))
            return made[0]()

    return call


SECTIONS: dict[str, Callable[[Bench], Iterator[dict]]] = {
    "products": products,
    "elementwise": elementwise,
    "attention": attention,
    "pictures": steps_and_pictures,
    "references": references,
    "v3 against v4": v3_against_v4,
}
