"""One small interface for three ways to run a step: plain, compiled, or recorded once per shape as a CUDA graph."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

import torch
from torch import Tensor

Step = Callable[..., Tensor]
"""Takes tensors by position, gives one tensor; its work depends on their shapes and values alone."""

WORD_BUCKETS = (16, 32, 48, 64, 96, 128, 192, 256)


def word_bucket(count: int) -> int:
    """Text is padded to one of few lengths, so that few shapes are ever recorded; beyond them to multiples of 64."""
    return next((bucket for bucket in WORD_BUCKETS if count <= bucket), -(-count // 64) * 64)


class StepRunner(Protocol):
    """The result is valid until the next call."""

    def run(self, inputs: Sequence[Tensor]) -> Tensor: ...


class PlainSteps:
    def __init__(self, step: Step) -> None:
        self._step = step

    def run(self, inputs: Sequence[Tensor]) -> Tensor:
        return self._step(*inputs)


class CompiledSteps(PlainSteps):
    """`torch.compile`, anew for each shape."""

    def __init__(self, step: Step) -> None:
        super().__init__(torch.compile(step, dynamic=False))


class Recording(Protocol):
    """A recorded call: `replay` reads the tensors it was recorded with and writes its result in place."""

    output: Tensor

    def replay(self) -> None: ...


@cache
def _memory_of_all_recordings() -> tuple[int, int]:
    """One piece for all: they are replayed one after the other and a result is used up before the next replay."""
    return torch.cuda.graph_pool_handle()


class CudaRecording:
    """Recorded after two calls on a side stream, which allocate and compile (as PyTorch asks for before a capture)."""

    def __init__(self, step: Step, inputs: Sequence[Tensor]) -> None:
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):
                step(*inputs)
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, pool=_memory_of_all_recordings()):
            self.output = step(*inputs)

    def replay(self) -> None:
        self._graph.replay()


class RecordedSteps:
    """One recording per combination of shapes, the least recently used beyond `limit` is dropped with its memory.

    Inputs are copied into tensors of the recording's own, since a recording reads fixed addresses; a tensor that is the
    very one of the last call with its version unchanged (prefix K/V over all steps of a request) is not copied again.
    """

    def __init__(self, step: Step, record: Callable[[Step, Sequence[Tensor]], Recording] = CudaRecording, limit: int = 64) -> None:
        self._step, self._record, self._limit = step, record, limit
        self._recordings: OrderedDict[tuple, tuple[Recording, list[Tensor], list]] = OrderedDict()
        self.recorded = self.copied = 0

    def run(self, inputs: Sequence[Tensor]) -> Tensor:
        key = tuple((tuple(value.shape), value.dtype) for value in inputs)
        if key not in self._recordings:
            own = [value.clone() for value in inputs]
            self._recordings[key] = (self._record(self._step, own), own, [None] * len(own))
            self.recorded += 1
            while len(self._recordings) > self._limit:
                self._recordings.popitem(last=False)
        self._recordings.move_to_end(key)
        recording, own, last = self._recordings[key]
        for place, (value, target) in enumerate(zip(inputs, own, strict=True)):
            # The tensor itself is kept, not its address, which the next tensor may get.
            if last[place] is None or last[place][0] is not value or last[place][1] != _version(value):
                target.copy_(value)
                last[place] = (value, _version(value))
                self.copied += 1
        recording.replay()
        return recording.output


def _version(value: Tensor) -> int | None:
    """How often it was written in place. Tensors of inference mode do not count: None equals None only for the same
    tensor, and such tensors are not written between the steps of a request."""
    return None if value.is_inference() else value._version


def steps_for(step: Step, device: torch.device, way: str = "auto") -> StepRunner:
    """`way` plain, compiled, recorded, or auto: recorded on a card, plain on a CPU. Errors: ValueError."""
    if way == "auto":
        way = "recorded" if device.type == "cuda" else "plain"
    if way == "recorded" and device.type != "cuda":
        raise ValueError("steps are recorded on a card alone")
    kinds: dict[str, Callable[[Step], StepRunner]] = {"plain": PlainSteps, "compiled": CompiledSteps, "recorded": RecordedSteps}
    if way not in kinds:
        raise ValueError(f"steps run {', '.join(kinds)} or auto, not {way}")
    return kinds[way](step)
