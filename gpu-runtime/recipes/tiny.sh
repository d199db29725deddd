#!/usr/bin/env bash
# The weights of the test suites: 64 px, 8 concepts, two minutes.
source "$(dirname "$0")/environment.sh"
"$PYTHON" -m atelier_runtime.training.train_vae --preset tiny --out .runs/tiny-vae
"$PYTHON" -m atelier_runtime.training.train_dit --preset tiny --vae .runs/tiny-vae/vae.pt --out .runs/tiny --steps 1500
"$PYTHON" -m atelier_runtime.export.onnx_export --preset tiny --dit .runs/tiny/dit.pt --vae .runs/tiny-vae/vae.pt --name tiny --out weights/tiny
