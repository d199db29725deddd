"""The data browser shows every sample with texts, questions and masks, and marks where judge and truth disagree."""

import numpy as np

from atelier_runtime.evaluation.browser import Browser, entry_of, outlined
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.tasks.registry import sample_task


def test_a_page_for_samples_of_several_tasks(atlas, pilot, tmp_path):
    samples = [sample_task(task, 3, pilot, atlas) for task in ("text-to-image", "move", "storyboard", "knowledge")]
    page = Browser(tmp_path, "pilot", atlas, 64).write(samples, "a look").read_text(encoding="utf-8")
    for sample in samples:
        assert entry_of(sample, "pilot").id in page
        assert sample.questions[0].zh in page
    pictures = list((tmp_path / "pictures").iterdir())
    assert len(pictures) == sum(len(s.references) + len(s.targets) * (1 if s.task == "knowledge" else 2) for s in samples)


def test_verdicts_of_the_judge_stand_beside_the_answers(atlas, pilot, tmp_path):
    sample = sample_task("recolour", 1, pilot, atlas)
    page = Browser(tmp_path, "pilot", atlas, 128, verdicts=True).write([sample], "a look").read_text(encoding="utf-8")
    assert "edit_done 1.00" in page


def test_masks_are_tinted_where_the_object_is(atlas, pilot):
    composer = Composer(atlas, 64)
    spec = sample_task("text-to-image", 5, pilot, atlas).targets[0].spec
    plain, shown = composer.render([spec])[0], outlined(spec, composer)
    mask = composer.truth(spec)[0].visible_mask
    assert np.abs(shown[mask].astype(int) - plain[mask]).mean() > 20
