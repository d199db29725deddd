"""Does the picture show what was asked: the checker network's peaks, and one answer per asked fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

FRAME_BINS = 64
_MIN_PROBABILITY = 0.05
_SAME_OBJECT_OVERLAP = 0.5

Extent = tuple[float, float, float, float]
"""Left, top, right, bottom in fractions of the picture."""


@dataclass(frozen=True)
class Detection:
    """One place where the checker sees an object, however unsure it is; `colours` by name, `natural_colour` = given none."""

    concept: str
    probability: float
    colours: dict[str, float]
    natural_colour: float
    extent: Extent


class Checker:
    """The `checker` graph of a weights folder on the CPU: pixels f32 [1, 3, H, W] in 0..1 -> concepts, colours, boxes."""

    def __init__(self, path: str, manifest: dict[str, Any], threads: int) -> None:
        import onnxruntime  # only weights with a checker need it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        vocabulary = manifest["vocabulary"]
        self.concepts = [str(concept) for concept in vocabulary.get("conceptIds", vocabulary["concepts"])]
        self._colours = vocabulary["colours"]
        self.names = dict(zip(vocabulary["concepts"], vocabulary.get("conceptNames") or [], strict=False))
        self.threshold = manifest["graphs"]["checker"].get("threshold", 0.5)

    def detections(self, rgb: np.ndarray) -> list[Detection]:
        """rgb uint8 [H, W, 3] -> each object once, the surest first."""
        pixels = rgb.transpose(2, 0, 1)[None].astype(np.float32) / 255
        concepts, colours, boxes = self._session.run(["concepts", "colours", "boxes"], {"pixels": pixels})
        return find_detections(concepts[0], colours[0], boxes[0], self.concepts, self._colours)


def find_detections(
    concepts: np.ndarray, colours: np.ndarray, boxes: np.ndarray, concept_names: list[str], colour_names: list[str]
) -> list[Detection]:
    """concepts [r, c, C], colours [r, c, 1 + K] (natural first), boxes [r, c, 4]: peaks of 3 x 3 cells; of equal
    neighbours the first in reading order is the peak."""
    found = []
    for channel, name in enumerate(concept_names[: concepts.shape[2]]):
        for row, column in np.argwhere(concepts[..., channel] >= _MIN_PROBABILITY):
            if _is_peak(concepts[..., channel], int(row), int(column)):
                by_colour = {colour: float(colours[row, column, 1 + index]) for index, colour in enumerate(colour_names)}
                extent = tuple(float(edge) for edge in boxes[row, column])
                natural = float(colours[row, column, 0])
                found.append(Detection(name, float(concepts[row, column, channel]), by_colour, natural, extent))
    kept: list[Detection] = []
    for candidate in sorted(found, key=lambda detection: -detection.probability):
        repeats = (d for d in kept if d.concept == candidate.concept)
        if not any(_overlap(d.extent, candidate.extent) > _SAME_OBJECT_OVERLAP for d in repeats):
            kept.append(candidate)
    return kept


def _is_peak(channel: np.ndarray, row: int, column: int) -> bool:
    own = channel[row, column]
    for y in range(max(0, row - 1), min(channel.shape[0], row + 2)):
        for x in range(max(0, column - 1), min(channel.shape[1], column + 2)):
            if channel[y, x] > own or (channel[y, x] == own and (y, x) < (row, column)):
                return False
    return True


def _overlap(a: Extent, b: Extent) -> float:
    """Intersection over union."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return width * height / (areas - width * height)


_RELATION_WORDS = {"left-of": "to the left of", "right-of": "to the right of", "in-front-of": "in front of"}


def answer_facts(
    facts: dict[str, Any], detections: list[Detection], known: set[str], names: dict[str, str], threshold: float
) -> list[dict[str, Any]]:
    """One `ScoringAnswer` per asked fact that the checker can judge; `confidence` is the probability that it holds.

    The rules and words are those of the laptop engine (`libs/adapters/inference-onnx/src/checker-answers.ts`); a spec of
    `inference-grpc` holds the two together. `names`: what people call a concept; an id without one is read as a name.
    """
    objects = {entry["id"]: entry for entry in facts["objects"] if entry["concept"] in known}
    answers = []

    def add(kind: str, question: str, confidence: float) -> None:
        bounded = min(1.0, max(0.0, confidence))
        answers.append({"outputIndex": 0, "kind": kind, "question": question, "holds": bounded >= threshold, "confidence": bounded})

    def name_of(concept: str) -> str:
        return names.get(concept, concept.replace("-", " "))

    def label(entry: dict) -> str:
        return " ".join(part for part in (entry.get("colour"), name_of(entry["concept"])) if part is not None)

    for entry in objects.values():
        add("present", f"Is there {_with_article(name_of(entry['concept']))}?", _strongest(entry["concept"], detections))
        strengths = sorted((strength for _, strength in _candidates(entry, detections)), reverse=True)
        if entry.get("colour") is not None:
            add("colour", f"Is there {_with_article(label(entry))}?", max(strengths, default=0.0))
        if entry["count"] > 1:
            padded = [*strengths, *[0.0] * (entry["count"] + 1)]
            confidence = min(padded[entry["count"] - 1], 1 - padded[entry["count"]])
            add("count", f"Are there exactly {entry['count']}: {label(entry)}?", confidence)
    for asked in facts["relations"]:
        if asked["subject"] in objects and asked["object"] in objects:
            subject, other = objects[asked["subject"]], objects[asked["object"]]
            words = _RELATION_WORDS.get(asked["relation"], asked["relation"])
            confidence = _relation_confidence(subject, asked["relation"], other, detections)
            add("relation", f"Is the {label(subject)} {words} the {label(other)}?", confidence)
    for concept in facts["absent"]:
        if concept in known:
            add("absent", f"Is there no {name_of(concept)}?", 1 - _strongest(concept, detections))
    return answers


def _relation_confidence(subject: dict, relation: str, other: dict, detections: list[Detection]) -> float:
    best = 0.0
    for first, strength in _candidates(subject, detections):
        for second, other_strength in _candidates(other, detections):
            if first is not second and relation_between(first.extent, second.extent) == relation:
                best = max(best, min(strength, other_strength))
    return best


def relation_between(a: Extent, b: Extent) -> str | None:
    """The rule that wrote the captions (`world.relations`), here between fractions of the picture."""
    from atelier_runtime.world.relations import relation_between as between_bins

    return between_bins(*(tuple(edge * FRAME_BINS for edge in extent) for extent in (a, b)))


def _candidates(entry: dict, detections: list[Detection]) -> list[tuple[Detection, float]]:
    """Every place that may be the object, with the probability that it is, colour included."""
    return [(found, found.probability * _colour_probability(found, entry)) for found in detections if found.concept == entry["concept"]]


def _colour_probability(found: Detection, entry: dict) -> float:
    """Natural colour is its own answer of the checker, also where it looks like the one that was asked for."""
    if entry.get("colour") is None:
        return 1.0
    return found.colours.get(entry["colour"], 0.0) + (found.natural_colour if entry.get("natural") else 0.0)


def _strongest(concept: str, detections: list[Detection]) -> float:
    return max((found.probability for found in detections if found.concept == concept), default=0.0)


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
