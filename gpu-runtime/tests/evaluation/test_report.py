import json

import pytest

from atelier_runtime.evaluation.frozen import FOLDER
from atelier_runtime.evaluation.report import report
from atelier_runtime.evaluation.task_judge import Judgement
from atelier_runtime.evaluation.task_scores import Judged, learned, summary

WEIGHTS = FOLDER.parent / "weights" / "tiny"


@pytest.fixture
def manifest():
    return json.loads((WEIGHTS / "manifest.json").read_text())


def judged(done):
    said = [Judgement(met, (("present", met),), {"psnr_db_outside": 25.0}) for met in (done, True, False)]
    return Judged("en", *said)


def test_without_results_every_section_says_so(tmp_path, manifest):
    text = report(tmp_path, manifest, "tiny")
    assert text.count("Not run") == 11
    assert f"{manifest['createdFrom']['trainedHours']} hours" in text


def test_tasks_that_fail_are_listed_worst_first_and_learned_ones_are_counted(tmp_path, manifest):
    tasks = {name: {"all": summary([judged(k < done) for k in range(20)])} for name, done in (("add", 18), ("move", 2), ("remove", 0))}
    result = {
        "weights": "tiny", "trained_hours": 0.1, "precision": "fp32", "steps": 4, "guidance": 1, "tasks": tasks, "learned": learned(tasks),
    }  # fmt: skip
    (tmp_path / "tiny-tasks.json").write_text(json.dumps(result))
    text = report(tmp_path, manifest, "tiny")
    assert "1 of 3 tasks. add" in text
    assert text.index("- remove: 0.00") < text.index("- move: 0.10")
    assert "- add:" not in text
