"""The reader of writing: its lines, its strips, its loss; what a trained reader achieves is measured by a command."""

import numpy as np
import pytest
import torch

from atelier_runtime.evaluation.text_reader.characters import characters, classes_of, decoded
from atelier_runtime.evaluation.text_reader.lines import LineSource
from atelier_runtime.evaluation.text_reader.measure import edit_distance, pictures_in_unseen_fonts
from atelier_runtime.evaluation.text_reader.network import COLUMN_PX, ReadingNetwork, loss_of
from atelier_runtime.evaluation.text_reader.read import TextReader, _inside
from atelier_runtime.evaluation.text_reader.strips import INK_PX, STRIP_PX, ink_of, ink_rows, strip
from atelier_runtime.evaluation.text_reader.train import Run, export_reader
from atelier_runtime.world.compose import Composer
from atelier_runtime.world.tasks.lettering import font_words
from atelier_runtime.world.tasks.strings import texts


def test_repeated_classes_are_one_character_and_blanks_part_doubles():
    a, o = classes_of("AO")
    assert decoded([0, a, a, 0, o, 0, o, o]) == "AOO"
    assert all(decoded(classes_of(c)) == c for c in characters())


def test_training_lines_use_training_fonts_and_no_held_out_text():
    source = LineSource(0)
    assert set(source._fonts["en"]) == set(font_words("latin", "train"))
    assert set(source._fonts["zh"]) == set(font_words("chinese", "train"))
    held_out = {t for language in ("en", "zh") for t in texts(language, "S7") if len(t) > 2}
    drawn = [source.draw() for _ in range(150)]
    assert not held_out & {text for _, text in drawn}
    assert 0.04 < sum(text == "" for _, text in drawn) / 150 < 0.3
    assert all(s.shape[0] == STRIP_PX and s.shape[1] % COLUMN_PX == 0 and 0 <= s.min() and s.max() <= 1 for s, _ in drawn)


def test_equal_seeds_draw_equal_lines():
    (a, text), (b, same) = LineSource(7).draw(), LineSource(7).draw()
    assert text == same
    assert np.array_equal(a, b)


def test_ink_is_found_whatever_its_colour_and_the_ground_is_none():
    for ground, ink in ((240, 20), (20, 240)):
        pixels = np.full((60, 90, 3), ground, np.uint8)
        pixels[20:44, 30:60] = ink
        found = ink_of(pixels)
        assert found[20:44, 30:60].min() > 0.95
        assert found[:20].max() < 0.05
        assert ink_rows(found) == (20, 44)
        cut = strip(found, 20, 44)
        assert cut[(STRIP_PX - INK_PX) // 2 + 1 : STRIP_PX - (STRIP_PX - INK_PX) // 2 - 1].max(1).min() > 0.95
        assert cut[0].max() < 0.1


def test_the_loss_ignores_padding_and_falls_with_the_right_answer():
    text = classes_of("GO")
    sure = torch.full((1, 6, len(characters()) + 1), -12.0)
    for column, k in enumerate([text[0], 0, text[1], 0]):
        sure[0, column, k] = 0
    right = loss_of(torch.log_softmax(sure, -1), torch.tensor([4]), [text])
    assert right < 0.1
    assert loss_of(torch.log_softmax(sure, -1), torch.tensor([4]), [classes_of("NO")]) > 5


@pytest.fixture(scope="module")
def barely_trained(tmp_path_factory):
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("reader")
    run = Run(folder / "reader.pt", 0)
    lines = LineSource(1)
    first = run.train_step(lines, 4, 600)
    last = [run.train_step(lines, 4, 600) for _ in range(6)][-1]
    run.save()
    return run, first, last, export_reader(run.averaged(), folder / "reader.onnx")


def test_training_lowers_the_loss_and_resumes(barely_trained):
    run, first, last, _ = barely_trained
    assert last < first
    again = Run(run.path, 1)
    again.resume()
    assert again.step == run.step
    assert all(torch.equal(a, b) for a, b in zip(again.network.state_dict().values(), run.network.state_dict().values(), strict=True))


def test_the_graph_reads_strips_of_any_width_like_the_network(barely_trained):
    run, *_, path = barely_trained
    reader, network = TextReader(path), run.averaged()
    for width in (16, 120, 204):
        strips = torch.rand(1, 1, STRIP_PX, width)
        (got,) = reader._session.run(None, {"strip": strips.numpy()})
        assert got.shape == (1, width // COLUMN_PX, len(characters()) + 1)
        assert np.abs(got - network(strips).numpy()).max() < 0.05


def test_writing_in_every_surface_is_cut_free_of_its_frame(atlas, pilot):
    composer = Composer(atlas, 256)
    surfaces = set()
    for picture, text, _, _ in pictures_in_unseen_fonts(24, pilot, atlas):
        if picture.surface in surfaces:
            continue
        surfaces.add(picture.surface)
        ink = _inside(picture.paint(composer), picture.box)
        top, bottom = ink_rows(ink)
        assert 0.15 * ink.shape[0] < bottom - top
        assert (ink[[0, -1]] > 0.5).mean() < 0.02, (picture.surface, text)
    assert surfaces == {"sign", "poster", "card", "bubble"}


def test_edit_distance():
    assert edit_distance("BAKERY", "BAKRY") == 1
    assert edit_distance("", "GO") == 2
    assert edit_distance("春", "福") == 1


def test_the_network_gives_probabilities():
    out = ReadingNetwork(5).eval()(torch.rand(2, 1, STRIP_PX, 40))
    assert out.shape == (2, 10, 5)
    assert torch.allclose(out.exp().sum(-1), torch.ones(2, 10), atol=1e-5)
