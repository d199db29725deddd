"""A step schedule from the measured bend of the flow: short steps where the velocity turns, long ones where it is straight.

A step of length h of the Euler method errs by about h^2 / 2 |dv/dt|. The error summed over all steps is least where each
step has the same share of the integral of sqrt(|dv/dt|), so times are the quantiles of that integral.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

_FLOOR = 0.15
"""Least density as a share of the mean one: what few samples call straight may bend for others."""


def bend(times: Sequence[float], velocities: Sequence[np.ndarray]) -> np.ndarray:
    """|dv/dt| as a root mean square between neighbouring times: [len(times) - 1] for velocities of equal shape at `times`."""
    pairs = zip(pairwise(times), pairwise(velocities), strict=True)
    return np.array([float(np.sqrt(np.square((b - a) / (t1 - t0)).mean())) for (t0, t1), (a, b) in pairs])


def schedule_from_bend(times: Sequence[float], bends: Sequence[float], steps: int) -> list[float]:
    """steps + 1 times from 1 to 0. `times` fall from 1 to 0; `bends` belong to the spans between them.

    Errors: ValueError for no step, or where times and bends do not fit.
    """
    if steps < 1 or len(times) != len(bends) + 1 or len(bends) < 1:
        raise ValueError("a schedule has at least one step, and one bend for each span of times")
    spans = -np.diff(np.asarray(times, float))
    density = np.sqrt(np.asarray(bends, float))
    mean = float((density * spans).sum() / spans.sum())
    density = np.maximum(density, _FLOOR * mean) if mean > 0 else np.ones_like(density)
    passed = np.concatenate([[0.0], (density * spans).cumsum()])
    marks = np.linspace(0.0, passed[-1], steps + 1)
    found = np.interp(marks, passed, np.asarray(times, float))
    found[0], found[-1] = 1.0, 0.0
    return [round(float(t), 6) for t in found]
