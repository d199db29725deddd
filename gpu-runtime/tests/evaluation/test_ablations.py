import json

import torch

from atelier_runtime.evaluation.ablations.lessons import ablation_preset, held_out_batches
from atelier_runtime.evaluation.ablations.run import Plan, run_all
from atelier_runtime.evaluation.ablations.table import ablation_table, verdict
from atelier_runtime.evaluation.ablations.variants import VARIANTS
from atelier_runtime.models.tokenizer import PromptTokenizer
from atelier_runtime.training.flow_loss import with_noise
from atelier_runtime.training.train_dit import dit_config

SMALL = Plan(mixed=2, alone=2, every=1, held_out=1)


def test_variants_start_alike_and_differ_where_they_should():
    """At the start the head is zero; with it opened, each variant computes something else than the shipped network."""
    preset, tokenizer = ablation_preset(), PromptTokenizer()
    batch = held_out_batches(preset, tokenizer, 1)["compose"][0]
    noisy = with_noise(preset, batch, torch.full((len(batch.tokens),), 0.6), torch.Generator().manual_seed(1))
    seen = {}
    for name, variant in VARIANTS.items():
        torch.manual_seed(1)
        model = variant(dit_config(preset, tokenizer))
        with torch.no_grad():
            torch.nn.init.normal_(model.head.weight, std=0.1)
            torch.nn.init.normal_(model.modulation.weight, std=0.1)
            seen[name] = model.predict(noisy, preset.grid)
    shipped = seen.pop("as shipped")
    for name, clean in seen.items():
        assert clean.shape == shipped.shape
        assert (clean - shipped).abs().mean() > 1e-3, name


def test_a_stopped_run_goes_on_and_the_table_tells_every_seed(tmp_path):
    out = tmp_path / "ablations.json"
    run_all(out, [1], SMALL, ["as shipped"])
    first = json.loads(out.read_text())["runs"]
    result = run_all(out, [1], SMALL, ["as shipped", "2D positions"])
    assert result["runs"][0] == first[0]
    assert [run["variant"] for run in result["runs"]] == ["as shipped", "2D positions"]
    text = "\n".join(ablation_table(result))
    assert "| 2D positions |" in text
    assert "no difference seen" in text


def test_one_seed_or_seeds_that_disagree_show_no_difference():
    assert verdict([0.2]) == "no difference seen"
    assert verdict([0.2, -0.1]) == "no difference seen"
    assert verdict([0.20, 0.24]) == "worse"
    assert verdict([-0.20, -0.24]) == "better"
