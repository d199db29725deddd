"""Stands in for a CUDA graph."""


class CpuRecording:
    """As a CUDA graph does: the same tensors every time, the result written in place."""

    def __init__(self, step, inputs) -> None:
        self._step, self._inputs = step, inputs
        self.output = step(*inputs)

    def replay(self) -> None:
        self.output.copy_(self._step(*self._inputs))
