"""The verbs of the inference port over gRPC; errors become status codes, steps become events."""

from __future__ import annotations

import json
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import grpc

from atelier_runtime.pipeline.errors import DenoiseAborted, InferenceInputError, is_exhausted_memory, is_lost_device
from atelier_runtime.serving.compute_thread import ComputeThread
from atelier_runtime.serving.metrics import Metrics
from atelier_runtime.serving.wire import Wire, to_array, to_denoise_request, to_picture_array, to_size

EXIT_LOST_DEVICE = 70
_POLL_SECONDS = 0.05  # how soon a call that waits for the compute thread notices that its caller has gone

log = logging.getLogger(__name__)


class InferenceService:
    """`load` makes the engine inside the compute thread; verbs that need it wait for it."""

    def __init__(
        self, messages: SimpleNamespace, load: Callable[[], Any], warm_up: bool, on_failure: Callable[[Exception, bool], None]
    ) -> None:
        """`on_failure` hears what loading or the warm-up at the start raised, and whether the weights were loaded by then."""
        self._messages, self._wire, self._metrics = messages, Wire(messages), Metrics()
        self._compute = ComputeThread()
        self._engine: Any = None
        self._warm, self._loaded, self._cause = threading.Event(), threading.Event(), "the weights are being loaded"
        self._failed, self._on_failure = False, on_failure
        self._compute.submit(lambda: self._load(load, warm_up))

    def _load(self, load: Callable[[], Any], warm_up: bool) -> None:
        try:
            self._engine = load()
            self._loaded.set()
            self._cause = "it is loaded, not warm yet"
            if warm_up:
                self._warm_up()
        except Exception as error:
            self._failed, self._cause = True, f"{type(error).__name__}: {error}"
            self._on_failure(error, self._loaded.is_set())

    def _warm_up(self) -> None:
        if not self._warm.is_set():
            self._engine.warm_up()
            self._cause = ""
            self._warm.set()

    def close(self) -> None:
        self._compute.close()

    # Verbs, named as in the proto file.

    def Health(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        return self._health()

    def Metrics(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        runtime = self._engine.runtime if self._loaded.is_set() else None
        text = self._metrics.text(self._compute.load()[0], self._warm.is_set(), runtime)
        return self._messages.MetricsReport(prometheus_text=text)

    def WarmUp(self, _request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with self._call("warm_up", context):
            self._on_compute(context, self._warm_up)
        return self._health()

    def Describe(self, _request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with self._call("describe", context):
            engine = self._engine
            return self._messages.Description(
                manifest_json=engine.folder.manifest_text,
                tokenizer_json=engine.folder.tokenizer.read_bytes(),
                engine_fingerprint=engine.fingerprint,
                precision=engine.precision,
                max_pixels=engine.max_pixels,
                device=engine.device,
            )

    def Denoise(self, commands: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        with self._call("denoise", context):
            first = next(commands, None)
            if first is None or not first.HasField("start"):
                raise InferenceInputError("command: the first one must start a denoise")
            request = to_denoise_request(first.start)
            proceed = _permissions(commands, context) if first.start.report_steps else None
            denoising = self._on_compute(context, lambda: self._engine.denoising(request))
            steps, latents, steps_run = denoising.steps(), None, 0
            try:
                while True:
                    started = time.perf_counter()
                    step = self._on_compute(context, lambda: next(steps, None))
                    if step is None:
                        break
                    self._metrics.count_step(time.perf_counter() - started)
                    latents, steps_run = step.latents, steps_run + 1
                    if proceed is not None:
                        yield self._wire.step_done(step, request.steps, self._engine.fingerprint)
                        _await_permission(proceed, context)
            finally:
                self._compute.submit(steps.close)  # behind a step that may still run: gives back memory and prefix
            yield self._wire.outcome(latents or denoising.first_state(), steps_run)

    def Decode(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with self._call("decode", context):
            latents, size = to_array(request.latents), to_size(request.size)
            return self._wire.picture(self._on_compute(context, lambda: self._engine.decode(latents, size)))

    def Encode(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with self._call("encode", context):
            rgb = to_picture_array(request)
            return self._wire.tensor(self._on_compute(context, lambda: self._engine.encode(rgb)))

    def EncodeReference(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with self._call("encode_reference", context):
            latents = to_array(request.latents)
            return self._wire.tensor(self._on_compute(context, lambda: self._engine.encode_reference(latents)))

    def Score(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with self._call("score", context):
            rgb, facts = to_picture_array(request.picture), json.loads(request.facts_json)
            answers = self._on_compute(context, lambda: self._engine.score(rgb, facts))
            return self._messages.ScoreReport(answers_json=json.dumps(answers))

    def CountTokens(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        with self._call("count_tokens", context):
            return self._messages.TokenCount(tokens=self._engine.count_tokens(request.caption))

    def _health(self) -> Any:
        in_flight, busy_ms = self._compute.load()
        return self._messages.HealthReport(
            healthy=not self._failed,
            loaded=self._loaded.is_set(),
            warm=self._warm.is_set(),
            calls_in_flight=in_flight,
            busy_for_ms=busy_ms,
            cause=self._cause,
        )

    def _on_compute(self, context: grpc.ServicerContext, work: Callable[[], Any]) -> Any:
        """Errors: DenoiseAborted when the caller has gone before the work began or while it ran."""
        found = self._compute.submit(lambda: work() if context.is_active() else None)
        while True:
            try:
                result = found.result(timeout=_POLL_SECONDS)
            except TimeoutError:
                if context.is_active() or found.done():
                    continue
                raise DenoiseAborted("the caller has gone") from None
            if not context.is_active():
                raise DenoiseAborted("the caller has gone")
            return result

    @contextmanager
    def _call(self, verb: str, context: grpc.ServicerContext) -> Iterator[None]:
        """Waits for the weights, counts the call and turns what it raises into a status."""
        started, outcome = time.perf_counter(), "failed"
        try:
            while not self._loaded.wait(_POLL_SECONDS):
                if not context.is_active():
                    raise DenoiseAborted("the caller has gone")
            yield
            outcome = "done"
        except DenoiseAborted:
            outcome = "aborted"
            context.abort(grpc.StatusCode.CANCELLED, "aborted")
        except InferenceInputError as error:
            outcome = "refused"
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except Exception as error:
            if is_lost_device(error):
                log.critical("the device is lost: %s", error)
                os._exit(EXIT_LOST_DEVICE)
            if is_exhausted_memory(error):
                outcome = "out_of_memory"
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error))
            log.exception("%s failed", verb)
            context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
        finally:
            self._metrics.count_call(verb, outcome, time.perf_counter() - started)


def _permissions(commands: Iterator[Any], context: grpc.ServicerContext) -> queue.SimpleQueue:
    """Reads on in a thread of its own: waiting for a command must not hide that the caller has gone."""
    arrived: queue.SimpleQueue = queue.SimpleQueue()

    def read() -> None:
        try:
            for command in commands:
                arrived.put(command)
        except Exception:  # the call ended: the waiting side sees it by itself
            log.debug("commands ended", exc_info=True)

    threading.Thread(target=read, daemon=True).start()
    context.add_callback(lambda: arrived.put(None))
    return arrived


def _await_permission(arrived: queue.SimpleQueue, context: grpc.ServicerContext) -> None:
    command = arrived.get()
    if command is None or not context.is_active():
        raise DenoiseAborted("the caller has gone")
