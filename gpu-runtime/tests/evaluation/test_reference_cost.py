import pytest

from atelier_runtime.evaluation.reference_cost import reference_cost


@pytest.fixture(scope="module")
def rows():
    return reference_cost("tiny", repeats=1)["rows"]


def test_counted_attention_is_what_the_formula_says(rows):
    assert [row["references"] for row in rows] == [0, 1, 2, 4]
    assert all(row["attention_operations"] == row["attention_by_formula"] > 0 for row in rows)


def test_the_cache_saves_more_with_every_reference(rows):
    saved = [row["speed_up_by_operations"] for row in rows]
    assert saved == sorted(saved)
    assert 1 < saved[0] < saved[1] - 0.4
