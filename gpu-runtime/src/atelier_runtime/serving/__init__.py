"""The inference port behind gRPC: `python -m atelier_runtime.serving --help`."""
