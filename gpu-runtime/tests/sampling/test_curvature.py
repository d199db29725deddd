import numpy as np
import pytest

from atelier_runtime.sampling.curvature import bend, schedule_from_bend
from atelier_runtime.sampling.flow import shifted_schedule


def test_a_flow_that_bends_alike_everywhere_gets_equal_steps():
    times = shifted_schedule(20)
    assert schedule_from_bend(times, [1.0] * 20, 8) == pytest.approx(shifted_schedule(8), abs=1e-6)
    assert schedule_from_bend(times, [0.0] * 20, 4) == pytest.approx(shifted_schedule(4), abs=1e-6)


def test_steps_are_short_where_the_flow_bends_and_the_end_is_nearer():
    def velocity(t):
        return np.array([np.exp(-8 * (1 - t))])  # turns near t = 1

    times = shifted_schedule(64)
    found = schedule_from_bend(times, bend(times, [velocity(t) for t in times]), 6)
    assert found[0] == 1
    assert found[-1] == 0
    steps = -np.diff(found)
    assert (steps > 0).all()
    assert steps[0] < steps[-1] / 2

    def end(schedule):
        return sum((b - a) * velocity(a)[0] for a, b in zip(schedule, schedule[1:], strict=False))

    exact = end(shifted_schedule(20_000))
    # With ever more steps the errors stand at (integral of sqrt(f))^2 to the integral of f: 0.48 for this f.
    assert abs(end(found) - exact) < 0.6 * abs(end(shifted_schedule(6)) - exact)


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match="one bend for each span"):
        schedule_from_bend([1.0, 0.0], [], 4)
