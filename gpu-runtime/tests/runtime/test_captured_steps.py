"""Recorded steps read fixed tensors: what must be copied into them, and when."""

import pytest
import torch
from tests.runtime.cpu_recording import CpuRecording

from atelier_runtime.runtime.captured_steps import PlainSteps, RecordedSteps, steps_for, word_bucket


def step(latents, t, keys):
    return latents * t + keys.sum()


def test_recorded_steps_give_what_plain_ones_give_for_every_shape_and_value():
    recorded, plain = RecordedSteps(step, CpuRecording), PlainSteps(step)
    for size in (3, 5, 3):
        for t in (1.0, 0.5):
            inputs = (torch.randn(size), torch.tensor([t]), torch.randn(size, 2))
            assert torch.equal(recorded.run(inputs), plain.run(inputs))
    assert recorded.recorded == 2


def test_the_prefix_is_copied_once_for_all_steps_of_a_request():
    recorded, keys = RecordedSteps(step, CpuRecording), torch.randn(4, 2)
    for index in range(5):
        recorded.run((torch.randn(4), torch.tensor([index / 5]), keys))
    assert recorded.copied == 5 + 5 + 1


def test_a_tensor_written_in_place_is_copied_again():
    recorded, keys = RecordedSteps(step, CpuRecording), torch.ones(4)
    latents, t = torch.ones(4), torch.ones(1)
    before = recorded.run((latents, t, keys)).clone()
    keys.mul_(2)
    assert not torch.equal(recorded.run((latents, t, keys)), before)


def test_only_so_many_recordings_are_kept():
    recorded = RecordedSteps(step, CpuRecording, limit=2)
    for size in (1, 2, 3, 1, 3):
        recorded.run((torch.ones(size), torch.ones(1), torch.ones(size)))
    assert recorded.recorded == 4


def test_text_lengths_fall_into_few_buckets():
    assert [word_bucket(count) for count in (1, 16, 17, 96, 97, 257)] == [16, 16, 32, 96, 128, 320]


def test_a_cpu_runs_plain_steps_and_records_none():
    assert type(steps_for(step, torch.device("cpu"))) is PlainSteps
    for way in ("recorded", "imagined"):
        with pytest.raises(ValueError):
            steps_for(step, torch.device("cpu"), way)
