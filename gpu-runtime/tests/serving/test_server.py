"""The server as a process over a unix socket, with the committed tiny weights."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from atelier_runtime.serving.contract import SERVICE, ContractError, load_messages

ROOT = Path(__file__).parents[2]
TINY = ROOT / "weights" / "tiny"
MESSAGES = load_messages()
CAPTION = "flat. desert at day <v0>. cactus <x32><y36><s32>."
PATIENCE = 90


def started(socket: Path, *options: str, weights: Path = TINY) -> subprocess.Popen:
    command = [sys.executable, "-m", "atelier_runtime.serving", "--weights", str(weights), "--socket", str(socket), "--threads", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


class Client:
    def __init__(self, socket: Path) -> None:
        self._channel = grpc.insecure_channel(f"unix:{socket}", [("grpc.max_receive_message_length", -1)])

    def __call__(self, verb: str, **fields):
        method = MESSAGES.methods[verb]
        request = getattr(MESSAGES, method.input_type.name)(**fields)
        response = getattr(MESSAGES, method.output_type.name)
        call = self._channel.unary_unary(f"/{SERVICE}/{verb}", type(request).SerializeToString, response.FromString)
        return call(request, wait_for_ready=True, timeout=PATIENCE)

    def denoise(self, commands: Iterator):
        call = self._channel.stream_stream(
            f"/{SERVICE}/Denoise", MESSAGES.DenoiseCommand.SerializeToString, MESSAGES.DenoiseEvent.FromString
        )
        return call(commands, wait_for_ready=True, timeout=PATIENCE)


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[Client]:
    socket = tmp_path_factory.mktemp("s") / "r.sock"
    process = started(socket)
    client = Client(socket)
    client("WarmUp")
    yield client
    process.terminate()
    assert process.wait(timeout=PATIENCE) == 0
    assert not socket.exists()


def start(**overrides):
    size = MESSAGES.Size(width_px=64, height_px=64)
    fields = {"task": "text-to-image", "captions": [CAPTION], "size": size, "seed": 7, "steps": 4, "guidance": 1.0}
    return MESSAGES.DenoiseCommand(start=MESSAGES.DenoiseRequest(**(fields | overrides)))


def test_describe_carries_the_manifest_and_the_tokeniser_word_for_word(client):
    described = client("Describe")
    assert described.manifest_json == (TINY / "manifest.json").read_text(encoding="utf-8")
    assert json.loads(described.tokenizer_json)["model"]["type"] == "BPE"
    assert (described.precision, described.max_pixels) == ("fp32", 64 * 64)


def test_health_tells_healthy_loaded_and_warm(client):
    report = client("Health")
    assert (report.healthy, report.loaded, report.warm, report.busy_for_ms) == (True, True, True, 0)


def test_without_reports_a_denoise_answers_with_its_outcome_alone(client):
    (event,) = client.denoise(iter([start()]))
    assert event.outcome.steps_run == 4
    assert list(event.outcome.latents[0].shape) == [4, 4, 64]


def test_a_reported_step_waits_until_the_caller_lets_it_go_on(client):
    allowed = threading.Semaphore(0)

    def commands():
        yield start(report_steps=True)
        while allowed.acquire(timeout=PATIENCE):
            yield MESSAGES.DenoiseCommand(proceed=MESSAGES.Proceed())

    before = steps_done(client)
    events = client.denoise(commands())
    assert next(events).step_done.step == 1
    assert steps_done(client) - before == 1
    for _ in range(4):
        allowed.release()
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds == ["step_done"] * 3 + ["outcome"]


def test_a_cancelled_denoise_runs_no_further_step(client):
    before = steps_done(client)

    def commands():
        yield start(report_steps=True, steps=64)
        threading.Event().wait(PATIENCE)

    events = client.denoise(commands())
    next(events)
    events.cancel()
    with pytest.raises(grpc.RpcError) as cancelled:
        next(events)
    assert cancelled.value.code() == grpc.StatusCode.CANCELLED
    assert steps_done(client) - before == 1


def steps_done(client: Client) -> int:
    lines = client("Metrics").prometheus_text.splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("atelier_inference_steps_total ")))


@pytest.mark.parametrize("overrides", [{"task": "levitate"}, {"steps": 0}, {"captions": []}, {"size": None}], ids=str)
def test_a_request_that_can_never_succeed_is_an_invalid_argument(client, overrides):
    with pytest.raises(grpc.RpcError) as refused:
        list(client.denoise(iter([start(**overrides)])))
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_torn_tensors_and_pictures_are_invalid_arguments(client):
    size = MESSAGES.Size(width_px=64, height_px=64)
    torn = MESSAGES.Tensor(shape=[4, 4, 64], float32_le=b"123")
    for verb, fields in (("Decode", {"latents": torn, "size": size}), ("Encode", {"size": size, "rgb": b"12345"})):
        with pytest.raises(grpc.RpcError) as refused:
            client(verb, **fields)
        assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_a_process_whose_parent_is_gone_ends(tmp_path):
    process = started(tmp_path / "r.sock", "--exit-with-stdin", "--no-warm-up")
    Client(tmp_path / "r.sock")("Health")
    process.stdin.close()
    assert process.wait(timeout=PATIENCE) == 0


def test_unusable_weights_end_the_process_with_their_own_exit_code(tmp_path):
    process = started(tmp_path / "r.sock", weights=tmp_path)
    assert process.wait(timeout=PATIENCE) == 78
    assert "manifest.json is missing" in process.stderr.read()


def test_a_missing_contract_is_named(tmp_path):
    with pytest.raises(ContractError, match="nothing.proto"):
        load_messages(tmp_path / "nothing.proto")


def test_a_run_without_room_is_resource_exhausted_with_its_bytes_and_the_process_says_it_is_not_warm(tmp_path):
    process = started(tmp_path / "r.sock", "--no-warm-up", "--memory-mib", "0")
    client = Client(tmp_path / "r.sock")
    with pytest.raises(grpc.RpcError) as refused:
        list(client.denoise(iter([start()])))
    assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "bytes are predicted, 0 are free" in refused.value.details()
    health = client("Health")
    assert (health.healthy, health.loaded, health.warm, health.cause) == (True, True, False, "it is loaded, not warm yet")
    assert metric(client, "runs_refused_for_memory_total") == 1
    process.terminate()
    assert process.wait(timeout=PATIENCE) == 0


def test_a_warm_up_that_fails_ends_the_process_with_a_code_that_a_restart_may_mend(tmp_path):
    process = started(tmp_path / "r.sock", "--memory-mib", "0")
    assert process.wait(timeout=PATIENCE) == 75
    assert "InferenceMemoryError" in process.stderr.read()


def test_the_second_request_with_the_same_words_finds_its_prefix_and_an_abandoned_one_lets_go(client):
    before = metric(client, "pool_hits_total")
    for seed in (1, 2):
        list(client.denoise(iter([start(seed=seed, captions=["flat. desert at night <v0>."])])))
    assert metric(client, "pool_hits_total") == before + 1 and metric(client, "pool_entries") >= 1
    client("CountTokens", caption="a")
    assert metric(client, "pool_entries_in_use") == 0


def metric(client: Client, name: str) -> int:
    lines = client("Metrics").prometheus_text.splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"atelier_inference_{name} ")))
