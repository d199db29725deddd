"""The benchmark command without a card: every path runs, nothing pretends to be measured."""

import json
from argparse import Namespace

import pytest
import torch
from benchmarks.run import run
from benchmarks.sections import DRY, NO_CARD, Bench, SyntheticDrawing, v3_against_v4

from atelier_runtime.kernels.dispatch import Tile, card_name, choose_tile, read_table, tile_by_rule
from atelier_runtime.pipeline.memory_plan import plan_memory, product_weights
from benchmarks import roofline, synthetic, tune


@pytest.fixture(autouse=True)
def restored_environment(monkeypatch):
    monkeypatch.setenv("ATELIER_KERNELS", "")  # the command sets it; this puts it back


def results_of(tmp_path, *sections: str) -> tuple[int, dict]:
    torch.set_num_threads(1)
    code = run(Namespace(out=tmp_path, device="cpu", only=list(sections) or None, report=None))
    return code, json.loads((tmp_path / "results.json").read_text())


def test_the_dry_run_executes_the_small_shapes_and_predicts_the_real_ones(tmp_path):
    code, results = results_of(tmp_path)
    assert code == 0 and all(line["passed"] for line in results["gate"])
    rows = [row for section in results["sections"].values() for row in section]
    assert set(results["sections"]) == {"products", "elementwise", "attention", "pictures", "references", "v3 against v4"}
    assert all(row["predictedMs"] > 0 and row["ms"] is None for row in rows)
    small = [row for row in rows if row["note"] != NO_CARD]
    assert len(small) > 25
    assert {row.get("way") for row in small if row["note"] != DRY} <= {"fp8"}  # the library has no such product on a CPU
    real = [row for row in rows if row["note"] == NO_CARD]
    assert {row["network"] for row in real if "network" in row} == {"4B", "8B"}
    assert "not run: no card" in (tmp_path / "results.md").read_text()


def test_no_number_stands_behind_a_kernel_that_is_wrong(tmp_path, monkeypatch):
    from atelier_runtime.kernels.w8a8_gemm import kernel

    right = kernel.w8a8_gemm
    monkeypatch.setattr(kernel, "w8a8_gemm", lambda *inputs, **options: right(*inputs, **options) * 1.01)
    code, results = results_of(tmp_path, "attention")
    assert code == 1 and results["sections"] == {}
    assert [line["kernel"] for line in results["gate"] if not line["passed"]] == ["w8a8_gemm"]
    assert "nothing was measured" in (tmp_path / "results.md").read_text()


@pytest.mark.parametrize("precision", ["bf16", "w8a8", "w4a8"])
def test_the_synthetic_network_gives_a_finite_picture_of_its_size(precision):
    with synthetic.low_precision(torch.device("cpu")), torch.inference_mode():
        drawing = SyntheticDrawing(synthetic.CONFIGS["dry"], precision, 64, torch.device("cpu"), references=1)
        pixels, step = drawing.draw(2), drawing.step()
    assert pixels.shape == (1, 3, 64, 64) and torch.isfinite(pixels).all()
    assert step.std() > 0


def test_the_synthetic_networks_have_the_weights_their_names_say():
    assert 3.9e9 < product_weights(synthetic.CONFIGS["4B"]) < 4.3e9
    assert 7.8e9 < product_weights(synthetic.CONFIGS["8B"]) < 8.3e9


def test_four_bit_weights_take_about_a_quarter_of_the_memory_of_sixteen():
    plans = {precision: plan_memory(synthetic.CONFIGS["8B"], precision, 4096, 96).weights for precision in ("bf16", "w8a8", "w4a8")}
    assert 0.25 < plans["w4a8"] / plans["bf16"] < 0.29 and 0.5 < plans["w8a8"] / plans["bf16"] < 0.54


def test_each_factor_between_v3_and_v4_is_a_row_of_its_own():
    bench = Bench(torch.device("cpu"), roofline.ASSUMED, False)
    rows = [row for row in v3_against_v4(bench) if row["sizePx"] == 1024]
    costs = [row["predictedSPerMp"] for row in rows]
    assert costs[0] > costs[2] > costs[3] > costs[4] > costs[5] and len(rows) == 6
    assert costs[2] == pytest.approx(2 * costs[3], rel=0.01)


def test_the_roofline_says_when_four_and_eight_bits_pay():
    def gain(way: str, m: int) -> float:
        return roofline.gemm_ms("bf16", m, 4096, 4096, roofline.ASSUMED) / roofline.gemm_ms(way, m, 4096, 4096, roofline.ASSUMED)

    assert gain("w4a8_fused", 1) > gain("w8a8", 1) > 1
    assert gain("w8a8", 4096) > gain("w4a8_expanded", 4096) > gain("w4a8_fused", 4096)
    assert gain("w8a8", 4096) > 1.3


def test_the_tuned_table_is_what_the_dispatcher_reads(tmp_path, monkeypatch):
    monkeypatch.setattr("atelier_runtime.kernels.dispatch.TABLES", tmp_path)
    monkeypatch.setattr(tune, "shapes", lambda: iter([("w4a8_gemm", "16x40x64", (3, 40, 64)), ("w8a8_gemm", "16x40x64", (3, 40, 64))]))
    monkeypatch.setattr(tune, "candidates", lambda op, m: iter([Tile(16, 32), Tile(16, 64, splits=2)]))
    times, table = iter([2.0, 1.0, 1.0, 2.0]), {}
    path, cpu = tmp_path / f"{card_name(torch.device('cpu'))}.json", torch.device("cpu")
    added = tune.tune(table, cpu, lambda _call: next(times), float("inf"), lambda: path.write_text(json.dumps(table)))
    assert added == 2
    read_table.cache_clear()
    try:
        assert choose_tile("w4a8_gemm", 9, 40, 64, cpu) == Tile(16, 64, splits=2)
        assert choose_tile("w8a8_gemm", 9, 40, 64, cpu) == Tile(16, 32)
        assert choose_tile("w8a8_gemm", 999, 40, 64, cpu) == tile_by_rule("w8a8_gemm", 999, 40, 64)
    finally:
        read_table.cache_clear()
    assert tune.tune(table, cpu, lambda _call: 0.0, float("inf"), lambda: None) == 0  # nothing is measured twice


def test_a_candidate_that_is_wrong_is_never_chosen():
    right = torch.ones(4, 4, dtype=torch.float64)
    best = tune.fastest(
        iter([Tile(16, 32), Tile(64, 64)]), lambda tile: right * (1 if tile.block_m == 64 else 1.1), right, lambda _call: 1.0
    )
    assert best["block_m"] == 64
