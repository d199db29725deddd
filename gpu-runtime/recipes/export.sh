#!/usr/bin/env bash
# ONNX graphs, one weights file and the manifest, checked against PyTorch.
source "$(dirname "$0")/environment.sh"
"$PYTHON" -m atelier_runtime.export.onnx_export --preset "$PRESET" --dit ".runs/$PRESET-cooled/dit.pt" \
  --vae ".runs/$PRESET-vae/vae.pt" --name "${NAME:-laptop-1}" --out "${OUT:-weights/atelier-laptop}"
