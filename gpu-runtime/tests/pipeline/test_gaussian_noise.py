"""The platform's noise: the same bits in Python as in TypeScript."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atelier_runtime.pipeline.gaussian_noise import gaussian_noise, philox4x32

FIXTURE = Path(__file__).parents[3] / "libs" / "adapters" / "inference-grpc" / "fixtures" / "gaussian-noise.json"


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0, 0, 0, 0], (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ([0xFFFFFFFF] * 4, (0xFFFFFFFF, 0xFFFFFFFF), "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ([0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344], (0xA4093822, 0x299F31D0), "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_published_words(counter, key, expected):
    words = philox4x32(np.array(counter, np.uint64)[:, None], key)[:, 0]
    assert " ".join(f"{word:08x}" for word in words) == expected


@pytest.mark.parametrize("case", json.loads(FIXTURE.read_text()), ids=lambda case: str(case["seed"]))
def test_noise_has_the_bits_that_the_fixture_freezes_for_both_languages(case):
    noise = gaussian_noise(case["seed"], case["output"], len(case["bits"]))
    assert [f"{word:08x}" for word in noise.view("<u4")] == case["bits"]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 15), st.integers(1, 70))
def test_noise_is_finite_and_a_shorter_one_is_the_beginning_of_a_longer_one(seed, output, length):
    longer = gaussian_noise(seed, output, 80)
    assert np.isfinite(longer).all()
    assert (gaussian_noise(seed, output, length) == longer[:length]).all()


def test_noise_is_standard_normal():
    noise = gaussian_noise(7, 0, 100_000).astype(np.float64)
    moments = [float((noise**order).mean()) for order in (1, 2, 3, 4)]
    assert np.allclose(moments, [0, 1, 0, 3], atol=[0.015, 0.02, 0.05, 0.12])
