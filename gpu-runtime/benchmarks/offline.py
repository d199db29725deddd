"""Compiles every kernel for a Hopper card on a machine without one, and reads what the compiler made of it.

    cd gpu-runtime && PYTHONPATH=src python -m benchmarks.offline

The kernels are called through their own functions with tensors that have a shape and no memory; a driver that only
compiles stands where the card's driver would. Reported are registers and spills of a thread, shared memory, and which
matrix instructions are in the machine code: IGMMA (8 bit) and HGMMA (16 bit) are the warp-group products of Hopper,
IMMA and HMMA the older ones at half their speed. Exit code 1 when a kernel does not compile or spills.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import triton
from torch import Tensor
from triton.backends.compiler import GPUTarget
from triton.backends.driver import DriverBase

from atelier_runtime.kernels.dispatch import AttentionTile, Tile
from atelier_runtime.kernels.gate_residual.kernel import gate_residual
from atelier_runtime.kernels.int4_weights.kernel import expand_int4
from atelier_runtime.kernels.int4_weights.reference import Int4Weights
from atelier_runtime.kernels.modulate.kernel import modulate
from atelier_runtime.kernels.modulate_quantise.kernel import modulate_quantise, quantise_rows
from atelier_runtime.kernels.prefix_attention.kernel import prefix_attention
from atelier_runtime.kernels.prefix_attention.reference import Segments
from atelier_runtime.kernels.qk_norm_rope.kernel import qk_norm_rope
from atelier_runtime.kernels.swiglu.kernel import swiglu
from atelier_runtime.kernels.swiglu_quantise.kernel import swiglu_quantise
from atelier_runtime.kernels.w4a8_gemm.kernel import w4a8_gemm
from atelier_runtime.kernels.w8a8_gemm.kernel import w8a8_gemm

HOPPER = GPUTarget("cuda", 90, 32)
SHARED_BYTES = 232_448  # what one block may ask for on a Hopper card
MATRIX_INSTRUCTIONS = ("IGMMA", "HGMMA", "IMMA", "HMMA")


@dataclass(frozen=True)
class Compiled:
    """One kernel of one call."""

    call: str
    kernel: str
    registers: int
    spilled_bytes: int
    shared_bytes: int
    instructions: dict[str, int]


class _Utilities:
    """What the launcher asks the card's driver for."""

    def __init__(self) -> None:
        self.loaded: list[tuple[str, bytes, int]] = []

    def load_binary(self, name: str, binary: bytes, shared: int, _device: int) -> tuple:
        self.loaded.append((name, binary, shared))
        return 1, 1, 0, 0, 1024

    def get_device_properties(self, _device: int) -> dict:
        return {"max_shared_mem": SHARED_BYTES, "multiprocessor_count": 132}


class OfflineDriver(DriverBase):
    """Compiles for Hopper and launches nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.utils = _Utilities()

    @classmethod
    def is_active(cls) -> bool:
        return True

    def launcher_cls(self, _source: object, _metadata: object) -> Callable[..., None]:
        return lambda *_arguments: None

    def map_python_to_cpp_type(self, ty: str) -> str:
        raise NotImplementedError(ty)

    def get_current_target(self) -> GPUTarget:
        return HOPPER

    def get_active_torch_device(self) -> torch.device:
        return torch.device("meta")

    def get_benchmarker(self) -> Callable:
        raise NotImplementedError("nothing is launched")

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, _device: int) -> int:
        return 0


def calls() -> Iterator[tuple[str, Callable[[], object]]]:
    """Every kernel at shapes of the 8B network: one line per way that the dispatcher or the tuner may choose."""
    width, mlp, dtype = 4096, 10880, torch.bfloat16

    def empty(*shape: int, kind: torch.dtype = dtype) -> Tensor:
        return torch.empty(shape, dtype=kind, device="meta")

    def byte_rows(m: int) -> tuple[Tensor, Tensor]:
        return empty(m, width, kind=torch.int8), empty(m, kind=torch.float32)

    q8, channel_scale = empty(width, width, kind=torch.int8), empty(width, kind=torch.float32)
    int4 = Int4Weights(empty(width, width // 2, kind=torch.int8), empty(width, width // 64, kind=torch.int8), channel_scale, width)
    few, many = byte_rows(16), byte_rows(4096)
    more = (empty(4096, width), empty(1, width))
    yield "w8a8 few rows, split", lambda: w8a8_gemm(*few, q8, channel_scale, tile=Tile(16, 64, stages=4, splits=8))
    yield "w8a8 many rows", lambda: w8a8_gemm(*many, q8, channel_scale, *more, tile=Tile(128, 256, warps=8))
    yield "w8a8 copy engine", lambda: w8a8_gemm(*many, q8, channel_scale, *more, tile=Tile(128, 256, warps=8, descriptors=True))
    for packed in (False, True):
        name = "w4a8 four at once" if packed else "w4a8 one by one"
        yield f"{name}, few rows, split", lambda p=packed: w4a8_gemm(*few, int4, tile=Tile(16, 64, stages=4, splits=8, packed=p))
        yield f"{name}, 128 rows", lambda p=packed: w4a8_gemm(*many, int4, *more, tile=Tile(128, 128, warps=8, packed=p))
    yield "widen once", lambda: expand_int4(int4)
    rows, condition, wide = empty(4096, width), empty(1, width), empty(4096, 2 * mlp)
    yield "modulate_quantise", lambda: modulate_quantise(rows, condition, condition)
    yield "quantise_rows", lambda: quantise_rows(rows)
    yield "swiglu_quantise", lambda: swiglu_quantise(wide)
    yield "modulate", lambda: modulate(rows, condition, condition)
    yield "swiglu", lambda: swiglu(wide)
    yield "gate_residual", lambda: gate_residual(rows, condition, rows)
    angles = [empty(1, 4096, 64, kind=torch.float32) for _ in range(2)]
    gains = [empty(128) for _ in range(2)]
    yield "qk_norm_rope", lambda: qk_norm_rope(empty(1, 4096, 3, 32, 128), *gains, *angles)
    heads, before = [empty(1, 32, 4096, 128) for _ in range(3)], [empty(1, 32, 1120, 128) for _ in range(2)]
    tile = AttentionTile(128, 64, warps=8)
    yield "prefix_attention", lambda: prefix_attention(*heads, *before, *angles, tile=tile)
    masked = Segments(empty(1, 4096, kind=torch.int32), empty(1, 1120, kind=torch.int32), 1)
    yield "prefix_attention masked", lambda: prefix_attention(*heads, *before, *angles, segments=masked, tile=tile)


def compile_all(chosen: Callable[[str], bool] = lambda _name: True) -> Iterator[Compiled]:
    """Errors: whatever the compiler raises, with the name of the call noted on it. The process has no other driver after it."""
    driver = OfflineDriver()
    triton.runtime.driver.set_active(driver)
    for name, call in calls():
        if not chosen(name):
            continue
        seen = len(driver.utils.loaded)
        try:
            call()
        except Exception as error:
            error.add_note(f"while compiling {name!r}")
            raise
        for kernel, binary, shared in driver.utils.loaded[seen:]:
            yield _read(name, kernel, binary, shared)


def _read(call: str, kernel: str, binary: bytes, shared: int) -> Compiled:
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(binary)
        file.flush()
        usage = _output("cuobjdump", "--dump-resource-usage", file.name)
        code = _output("nvdisasm", "-c", file.name)
    facts = dict(re.findall(r"(REG|STACK|LOCAL):(\d+)", usage))
    counts = {name: len(re.findall(rf"\b{name}\b", code)) for name in MATRIX_INSTRUCTIONS}
    spilled = int(facts.get("STACK", 0)) + int(facts.get("LOCAL", 0))
    found = {name: count for name, count in counts.items() if count}
    return Compiled(call, kernel, int(facts["REG"]), spilled, shared, found)


def _output(program: str, *arguments: str) -> str:
    """Of a program that Triton brings along."""
    path = Path(triton.backends.nvidia.__file__).parent / "bin" / program
    return subprocess.run([str(path), *arguments], capture_output=True, text=True, check=True).stdout


def main() -> int:
    spilled = 0
    print("| call | kernel | registers | spilled bytes | shared KiB | matrix instructions |\n|" + " --- |" * 6)
    for line in compile_all():
        found = ", ".join(f"{count} {name}" for name, count in line.instructions.items())
        print(f"| {line.call} | {line.kernel} | {line.registers} | {line.spilled_bytes} | {line.shared_bytes / 1024:.1f} | {found} |")
        spilled += line.spilled_bytes
    return 1 if spilled else 0


if __name__ == "__main__":
    sys.exit(main())
