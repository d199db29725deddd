"""Serves one weights folder over a unix socket.

    python -m atelier_runtime.serving --weights gpu-runtime/weights/tiny --socket .atelier/inference.sock

Exit codes: 0 after SIGTERM or SIGINT; 70 when the card failed; 75 when the warm-up failed, for want of memory say, which
may pass; 78 when weights or options cannot be used, which no restart can mend.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc

from atelier_runtime.pipeline.weights_folder import open_weights_folder
from atelier_runtime.serving.contract import CONTRACT, load_messages, service_handlers
from atelier_runtime.serving.service import InferenceService

EXIT_NOT_WARM, EXIT_UNUSABLE = 75, 78
_MAX_MESSAGE_BYTES = 2**31 - 1
_CALL_THREADS = 32

log = logging.getLogger("atelier_runtime.serving")


def arguments_of(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--socket", type=Path, required=True, help="path of the unix socket; replaced if it exists")
    parser.add_argument("--precision", default="fp32", help="fp32, bf16, w8a8 or w4a8")
    parser.add_argument("--packed", type=Path, help="folder of <precision>.json, made by atelier_runtime.quantization; default: --weights")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1), help="computing threads on the CPU")
    parser.add_argument("--steps", default="auto", help="plain, compiled, recorded (on a card alone) or auto: recorded where it can be")
    parser.add_argument("--pool-mib", type=int, help="keys and values kept between requests; default: 128, on a card 8192")
    parser.add_argument("--memory-mib", type=int, help="for runs and pool together, weights apart; default: what a card has free")
    parser.add_argument("--no-warm-up", action="store_true", help="be ready sooner, draw the first picture slower")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input closes, as it does when the parent dies")
    parser.add_argument("--proto", type=Path, default=CONTRACT, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def engine_loader(options: argparse.Namespace) -> Callable[[], object]:
    """PyTorch is imported by the compute thread, so that the socket answers Health seconds earlier, and after the
    weights have been verified, so that broken ones are reported as soon."""

    def load() -> object:
        folder = open_weights_folder(options.weights)
        import torch

        from atelier_runtime.pipeline.engine import Engine, RuntimeOptions

        torch.set_num_threads(options.threads)
        runtime = RuntimeOptions(options.steps, _bytes(options.pool_mib), _bytes(options.memory_mib))
        return Engine.of(folder, options.precision, options.device, options.packed, runtime)

    return load


def _bytes(mib: int | None) -> int | None:
    return None if mib is None else mib << 20


def serve(options: argparse.Namespace, load: Callable[[], object] | None = None) -> int:
    """Until a signal comes or the weights prove unusable; returns the exit code."""
    ended, exit_codes = threading.Event(), [0]

    def failed(error: Exception, is_loaded: bool) -> None:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        exit_codes[0] = EXIT_NOT_WARM if is_loaded else EXIT_UNUSABLE
        ended.set()

    messages = load_messages(options.proto)
    service = InferenceService(messages, load or engine_loader(options), not options.no_warm_up, failed)
    limits = [("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES), ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES)]
    server = grpc.server(ThreadPoolExecutor(_CALL_THREADS), options=limits)
    server.add_generic_rpc_handlers((service_handlers(messages, service),))
    options.socket.unlink(missing_ok=True)
    server.add_insecure_port(f"unix:{options.socket}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if options.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), ended.set()), daemon=True).start()
    server.start()
    log.info("serving %s at %s", options.weights.name, options.socket.name)
    ended.wait()
    server.stop(grace=0.2).wait()
    options.socket.unlink(missing_ok=True)
    service.close()
    return exit_codes[0]


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    code = serve(arguments_of())
    sys.stderr.flush()
    # A kernel that never returns must not keep the process: the compute thread is not waited for.
    os._exit(code)


if __name__ == "__main__":
    main()
