"""Sampling: reproducible, resumable at every step to the bit, and guided only when asked."""

import pytest
import torch

from atelier_runtime.models.dit import DiffusionTransformer, DitConfig, output_positions
from atelier_runtime.sampling.flow import initial_noise, sample, shifted_schedule


@pytest.fixture
def request_parts() -> dict:
    torch.manual_seed(0)
    config = DitConfig(channels=8, width=64, layers=2, head_width=32, mlp_width=64, vocabulary=400, word_width=96, sentence_end=247)
    model = DiffusionTransformer(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return {
        "model": model, "tokens": torch.randint(250, 400, (1, 6)), "task_id": torch.zeros(1, dtype=torch.int64),
        "positions": output_positions(4, 4), "noise": initial_noise(7, 1, 16, 8), "schedule": shifted_schedule(6),
    }  # fmt: skip


def test_schedules_fall_from_one_to_zero() -> None:
    for steps in (1, 4, 50):
        for shift in (1.0, 3.0):
            times = shifted_schedule(steps, shift)
            assert len(times) == steps + 1 and times[0] == 1.0 and times[-1] == 0.0
            assert all(a > b for a, b in zip(times, times[1:], strict=False))
    with pytest.raises(ValueError):
        shifted_schedule(0)


def test_a_run_resumed_at_any_step_equals_the_undisturbed_one(request_parts: dict) -> None:
    states: dict[int, torch.Tensor] = {}
    whole = sample(**request_parts, on_step=lambda step, z: states.update({step: z.clone()}))
    for step in range(1, 6):
        resumed = sample(**(request_parts | {"noise": states[step]}), first_step=step)
        assert torch.equal(resumed, whole)


def test_the_last_step_lands_on_the_predicted_clean_latent(request_parts: dict) -> None:
    model, parts = request_parts["model"], request_parts
    drawn = sample(**(parts | {"schedule": [1.0, 0.0]}))
    prefix = model.prefix(parts["tokens"], parts["task_id"])
    clean = model.denoise(parts["noise"], torch.ones(1), parts["task_id"], parts["positions"], prefix)
    torch.testing.assert_close(drawn, clean, rtol=1e-5, atol=1e-5)


def test_guidance_needs_an_empty_prompt_and_changes_the_picture(request_parts: dict) -> None:
    with pytest.raises(ValueError):
        sample(**request_parts, guidance=2.0)
    null = torch.tensor([[1, 3, 2]])
    plain = sample(**request_parts)
    torch.testing.assert_close(sample(**request_parts, guidance=1.0, null_tokens=null), plain)
    assert not torch.allclose(sample(**request_parts, guidance=2.0, null_tokens=null), plain, atol=1e-3)
