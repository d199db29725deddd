"""How many bits each layer gets: all start with 4, the ones that matter most are given 8 until the error is small enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from atelier_runtime.models.dit import DiffusionTransformer
from atelier_runtime.quantization.calibration import CalibrationSet, LayerInputs, observed_inputs, predictions
from atelier_runtime.quantization.layers import layer, layers, replace_layer
from atelier_runtime.quantization.linear import QuantisedLinear

_STRENGTHS = (0.0, 0.25, 0.5, 0.75)
"""Share of an outlier that smoothing moves from the input into the weights; 0 leaves both as they are."""


@dataclass
class LayerReport:
    """`output_error` of the layer alone on its inputs, `sensitivity` = error of the network with only this layer in 4 bit."""

    name: str
    bits: int
    smoothing_strength: float
    output_error: float
    sensitivity: float | None
    bytes: int
    bytes_fp16: int


@dataclass
class QuantisedPlan:
    layers: dict[str, QuantisedLinear]
    reports: list[LayerReport]
    network_error: float
    trace: list[dict] = field(default_factory=list)


def relative_error(actual: Tensor, expected: Tensor) -> float:
    """Mean squared difference over the mean square of what is expected."""
    return float((actual - expected).double().square().mean() / expected.double().square().mean())


def quantise_layer(weight: Tensor, inputs: LayerInputs, bits: int, group: int) -> tuple[QuantisedLinear, float, float]:
    """Tries each smoothing strength; returns the best layer, its strength and its output error on the kept rows."""
    exact = inputs.rows @ weight.T
    best: tuple[QuantisedLinear, float, float] | None = None
    for strength in _STRENGTHS:
        candidate = QuantisedLinear.of(weight, bits, _smoothing(weight, inputs.largest, strength), group)
        error = relative_error(candidate(inputs.rows), exact)
        if best is None or error < best[2]:
            best = (candidate, strength, error)
    return best


def _smoothing(weight: Tensor, largest_input: Tensor, strength: float) -> Tensor | None:
    """SmoothQuant (Xiao et al. 2023): s = max|x|^a / max|w|^(1 - a) per input channel, brought to a geometric mean of 1."""
    if strength == 0:
        return None
    inputs, weights = largest_input.clamp(min=1e-5), weight.abs().amax(0).clamp(min=1e-5)
    smoothing = inputs**strength / weights ** (1 - strength)
    return smoothing / smoothing.log().mean().exp()


def search_plan(
    dit: DiffusionTransformer,
    samples: CalibrationSet,
    max_error: float,
    eight_bits_only: bool = False,
    group: int = 64,
    say: Callable[[str], None] = lambda _: None,
) -> QuantisedPlan:
    """`dit` is left as it was. Sensitivity: one layer at a time in 4 bit, the rest exact. Then all in 4 bit, and the
    most sensitive ones (error per byte that 8 bit would cost) go to 8 until the network's error is at most `max_error`."""
    inputs, expected = observed_inputs(dit, samples)
    exact = {name: layer(dit, name) for name, _ in layers(dit)}

    def at(name: str, bits: int) -> tuple[QuantisedLinear, float, float]:
        return quantise_layer(exact[name].weight, inputs[name], bits, group)

    try:
        eights = {name: at(name, 8) for name in exact}
        if eight_bits_only:
            chosen, sensitivity, trace = eights, {}, []
        else:
            fours = {name: at(name, 4) for name in exact}
            sensitivity = {}
            for name, (quantised, _, _) in fours.items():
                replace_layer(dit, name, quantised)
                sensitivity[name] = relative_error(predictions(dit, samples), expected)
                replace_layer(dit, name, exact[name])
                say(f"{name}: alone in 4 bit {sensitivity[name]:.2e}")
            chosen, trace = _promoted(dit, samples, expected, fours, eights, sensitivity, max_error, say)
        for name, (quantised, _, _) in chosen.items():
            replace_layer(dit, name, quantised)
        network_error = relative_error(predictions(dit, samples), expected)
    finally:
        for name, module in exact.items():
            replace_layer(dit, name, module)
    reports = [
        LayerReport(name, q.bits, strength, error, sensitivity.get(name), q.bytes, 2 * exact[name].weight.numel())
        for name, (q, strength, error) in chosen.items()
    ]
    return QuantisedPlan({name: found[0] for name, found in chosen.items()}, reports, network_error, trace)


def _promoted(dit, samples, expected, fours, eights, sensitivity, max_error, say):
    """Greedy; measures the whole network after every promotion, because errors of layers do not simply add up."""
    chosen, trace = dict(fours), []
    order = sorted(fours, key=lambda name: -sensitivity[name] / (eights[name][0].bytes - fours[name][0].bytes))
    for name, (quantised, _, _) in chosen.items():
        replace_layer(dit, name, quantised)
    for promoted in [None, *order]:
        if promoted is not None:
            chosen[promoted] = eights[promoted]
            replace_layer(dit, promoted, eights[promoted][0])
        error = relative_error(predictions(dit, samples), expected)
        trace.append({"promoted": promoted, "network_error": error})
        say(f"{promoted or 'all in 4 bit'}: network error {error:.2e}")
        if error <= max_error:
            break
    return chosen, trace


def latent_cosine(actual: Tensor, expected: Tensor) -> float:
    """Mean cosine of whole latents [..., m, c]."""
    return float(torch.nn.functional.cosine_similarity(actual.flatten(-2), expected.flatten(-2), dim=-1).mean())
