"""Answers from the checker's peaks."""

import numpy as np

from atelier_runtime.pipeline.scoring import answer_facts, find_detections

CONCEPTS, COLOURS = ["apple", "dog"], ["red", "blue"]


def peaks(*things: tuple[str, float, str, tuple[float, float, float, float]]):
    """Maps over 8 x 8 cells with one peak per thing: (concept, probability, colour, box)."""
    concepts, colours, boxes = np.zeros((8, 8, 2)), np.zeros((8, 8, 3)), np.zeros((8, 8, 4))
    for concept, probability, colour, (left, top, right, bottom) in things:
        row, column = int((top + bottom) * 4), int((left + right) * 4)
        concepts[row, column, CONCEPTS.index(concept)] = probability
        if column + 1 < 8:
            concepts[row, column + 1, CONCEPTS.index(concept)] = probability / 2  # a slope beside the peak
        colours[row, column, 1 + COLOURS.index(colour)] = 1.0
        boxes[row, column] = (left, top, right, bottom)
    return find_detections(concepts, colours, boxes, CONCEPTS, COLOURS)


def answers(facts: dict, *things) -> dict[str, bool]:
    asked = {"objects": [], "relations": [], "absent": [], **facts}
    return {answer["question"]: answer["holds"] for answer in answer_facts(asked, peaks(*things), set(CONCEPTS), {"dog": "puppy"}, 0.5)}


LEFT, RIGHT = (0.05, 0.4, 0.3, 0.7), (0.6, 0.4, 0.85, 0.7)


def test_present_colour_count_relation_and_absence_are_judged():
    facts = {
        "objects": [{"id": "a", "concept": "apple", "count": 2, "colour": "red"}, {"id": "d", "concept": "dog", "count": 1}],
        "relations": [{"subject": "a", "relation": "left-of", "object": "d"}],
        "absent": ["dog"],
    }
    assert answers(facts, ("apple", 0.9, "red", LEFT), ("dog", 0.8, "blue", RIGHT)) == {
        "Is there an apple?": True,
        "Is there a red apple?": True,
        "Are there exactly 2: red apple?": False,
        "Is there a puppy?": True,
        "Is the red apple to the left of the puppy?": True,
        "Is there no puppy?": False,
    }


def test_the_wrong_colour_and_the_wrong_side_do_not_hold():
    facts = {
        "objects": [{"id": "a", "concept": "apple", "count": 1, "colour": "blue"}, {"id": "d", "concept": "dog", "count": 1}],
        "relations": [{"subject": "d", "relation": "left-of", "object": "a"}],
    }
    found = answers(facts, ("apple", 0.9, "red", LEFT), ("dog", 0.8, "blue", RIGHT))
    assert not found["Is there a blue apple?"] and not found["Is the puppy to the left of the blue apple?"]


def test_an_object_in_its_natural_colour_fulfils_that_colour_when_the_fact_says_so():
    concepts, colours, boxes = np.zeros((8, 8, 2)), np.zeros((8, 8, 3)), np.zeros((8, 8, 4))
    concepts[4, 1, 0], colours[4, 1, 0], boxes[4, 1] = 0.9, 1.0, LEFT
    found = find_detections(concepts, colours, boxes, CONCEPTS, COLOURS)
    for natural in (True, False):
        asked = {
            "objects": [{"id": "a", "concept": "apple", "count": 1, "colour": "red", "natural": natural}],
            "relations": [],
            "absent": [],
        }
        _, colour = answer_facts(asked, found, set(CONCEPTS), {}, 0.5)
        assert colour["holds"] == natural


def test_two_things_of_a_kind_are_counted_once_each():
    facts = {"objects": [{"id": "a", "concept": "apple", "count": 2}]}
    assert answers(facts, ("apple", 0.9, "red", LEFT), ("apple", 0.7, "red", RIGHT))["Are there exactly 2: apple?"]


def test_concepts_that_the_checker_does_not_know_are_not_asked():
    assert answers({"objects": [{"id": "x", "concept": "griffin", "count": 1}], "absent": ["griffin"]}) == {}
