"""Times of a denoise, as `stepSchedule` of libs/ports computes them."""

from __future__ import annotations

import math
from typing import Any


def step_schedule(manifest: dict[str, Any], steps: int) -> list[float]:
    """steps + 1 times from 1 (noise) to 0 (clean).

    For a number of steps without a schedule of its own, the schedule with the nearest number (the longer of two
    equally near) is read as a piecewise linear curve over the fraction of steps done, and sampled anew.
    """
    nearest = min(manifest["schedules"], key=lambda schedule: (abs(schedule["steps"] - steps), -schedule["steps"]))
    count, times = nearest["steps"], nearest["t"]
    if count == steps:
        return list(times)
    sampled = []
    for step in range(steps + 1):
        position = step * count / steps
        left = min(math.floor(position), count - 1)
        sampled.append(times[left] + (position - left) * (times[left + 1] - times[left]))
    return sampled
