"""atelier-bench-v1: frozen, balanced, answerable; the judges tell truth, nothing and planted defects apart."""

import base64
import io
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from atelier_runtime.evaluation.bench_v1.defects import find_defects
from atelier_runtime.evaluation.bench_v1.entries import BENCH_FOLDER, TEXT_TO_IMAGE, load_entries
from atelier_runtime.evaluation.bench_v1.freeze import TASK_PLAN, TEXT_PLAN, task_prompts
from atelier_runtime.evaluation.bench_v1.page import write_page
from atelier_runtime.evaluation.bench_v1.run import score, table
from atelier_runtime.evaluation.bench_v1.scorer import TaskScorer
from atelier_runtime.evaluation.bench_v1.task_engines import AtelierOverHttp, EngineError, doing_nothing, true_task_renderer
from atelier_runtime.evaluation.frozen import FrozenBenchmarkError
from atelier_runtime.world.splits import held_out_keys, is_held_out, unnamed_concepts
from atelier_runtime.world.tasks.strings import is_held_out_text
from atelier_runtime.world.tasks.style import style_key

SIZE = 128


@pytest.fixture(scope="module")
def entries():
    return load_entries()


@pytest.fixture(scope="module")
def scorer(atlas):
    return TaskScorer(atlas, SIZE)


def of_task(entries, task, count):
    return [e for e in entries if e.task == task][:count]


def test_a_thousand_prompts_of_which_377_are_text_to_image(entries):
    assert len(entries) == len({e.id for e in entries}) == 1000
    counts = Counter((e.task, e.split) for e in entries)
    assert counts == {(TEXT_TO_IMAGE, s): n for s, n in TEXT_PLAN.items()} | {(t, s): n for t, p in TASK_PLAN.items() for s, n in p.items()}
    assert sum(TEXT_PLAN.values()) == 377
    assert {e.tier for e in entries} == {1, 2, 3}
    assert Counter(form for e in entries[:200] for form in [e.form]).most_common()[-1][1] >= 15


def test_half_of_the_questions_are_to_be_denied(entries):
    answers = [q.answer for e in entries for q in e.questions]
    assert len(answers) > 4000
    assert abs(np.mean(answers) - 0.5) < 0.005
    for entry in entries:
        # Of a scene that an edit emptied there is one question, to be denied.
        emptied = entry.task == "remove" and not entry.scene().objects
        assert emptied or sum(q.answer for q in entry.questions) * 2 == len(entry.questions), entry.id
        assert len(entry.questions) >= (1 if emptied else 2)


def test_every_prompt_belongs_to_its_split(entries, atlas):
    unnamed = set(unnamed_concepts(atlas))
    for entry in entries:
        scene = entry.scene()
        touched = {key[:2] for key in held_out_keys(scene, atlas)} if scene else set()
        if entry.split in ("S1", "S2", "S3"):
            assert entry.split in touched, entry.id
        elif entry.task != "storyboard":
            assert not touched, entry.id
        if entry.split == "S4":
            assert any(is_held_out(style_key(entry.facts["style"], o.concept)) for o in scene.objects)
        if entry.split == "S5":
            assert len(scene.objects) in (5, 6)
        if entry.split == "S7":
            assert is_held_out_text(entry.facts["text"])
        assert bool(scene and {o.concept for o in scene.objects} & unnamed) == (entry.split == "S6")


def test_an_edited_file_is_refused(tmp_path):
    for path in BENCH_FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "move.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(FrozenBenchmarkError):
        load_entries(tmp_path)


def test_the_files_are_what_the_world_draws_today(atlas):
    frozen = [json.loads(line) for line in (BENCH_FOLDER / "recolour.jsonl").read_text(encoding="utf-8").splitlines()]
    assert frozen == json.loads(json.dumps(task_prompts("recolour", atlas)))


def test_the_truth_is_right_and_doing_nothing_is_not(entries, scorer):
    chosen = [
        *of_task(entries, "recolour", 2),
        *of_task(entries, "add", 2),
        *of_task(entries, "text", 2),
        *of_task(entries, "knowledge", 4),
    ]
    truth, judged = score(chosen, true_task_renderer(scorer.composer), scorer)
    nothing, _ = score(chosen, doing_nothing(scorer.composer), scorer)
    assert np.mean([j.share_right for j in judged]) > 0.95
    for cell, kinds in truth["scores"].items():
        for kind, c in kinds.items():
            assert c["model"] == c["ceiling"], (cell, kind)
    assert all(kinds["edit_done"]["model"] == 0 for cell, kinds in nothing["scores"].items() if cell.startswith(("recolour", "add")))
    assert "recolour/" in table({"weights": "truth", "bench": "b", "prompts": 8, **truth})


def test_planted_defects_are_found(entries, scorer):
    chosen = [e for e in entries if e.task in ("recolour", "text", "knowledge", "remove")][:8]
    found = find_defects(chosen, scorer, ("missing", "wrong_colour", "rest_changed", "nothing_done", "wrong_text", "wrong_value"))
    assert len(found) >= 5
    assert sum(f["found"] for f in found.values()) >= 0.9 * sum(f["planted"] for f in found.values()), found


def test_the_page_holds_every_prompt_with_its_pictures(entries, scorer, tmp_path):
    chosen = of_task(entries, "knowledge", 2)
    result, judged = score(chosen, doing_nothing(scorer.composer), scorer)
    page = write_page(tmp_path, {"weights": "nothing", "bench": "b", **result}, judged, scorer).read_text(encoding="utf-8")
    assert all(f"data-id='{e.id}'" in page for e in chosen)
    assert len(list((tmp_path / "pictures").iterdir())) == 4
    assert "http" not in page


class _Atelier(BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, body))
        if self.path.endswith("/edits") and b"\r\nsketch\r\n" in body:
            return self._answer(400, {"error": {"code": "unsupported_task"}})
        if b"broken" in body:
            return self._answer(200, {"data": []})
        buffer = io.BytesIO()
        Image.new("RGB", (32, 32), (200, 30, 30)).save(buffer, "PNG")
        return self._answer(200, {"data": [{"b64_json": base64.b64encode(buffer.getvalue()).decode()}]})

    def _answer(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def test_a_running_service_is_asked_over_http(entries):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Atelier)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        engine = AtelierOverHttp(f"http://127.0.0.1:{server.server_port}", 64)
        (text,), (edit,), (sketch,) = (of_task(entries, task, 1) for task in (TEXT_TO_IMAGE, "add", "sketch"))
        assert engine(text, 7)[0].shape == (64, 64, 3)
        assert json.loads(server.seen[0][1])["prompt"] == text.text()
        assert engine(edit, 7)[0][0, 0].tolist() == [200, 30, 30]
        assert b"\x89PNG" in server.seen[1][1]
        assert engine(sketch, 7) is None
        with pytest.raises(EngineError):
            engine(type(text)(**{**text.__dict__, "texts": {"broken": "broken"}, "form": "broken"}), 7)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
