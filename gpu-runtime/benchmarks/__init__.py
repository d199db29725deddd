"""One command, every figure of the GPU runtime: `python -m benchmarks.run --help`."""
