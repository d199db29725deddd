#!/usr/bin/env bash
# The projection: minutes, and final, so that the transformer can start.
source "$(dirname "$0")/environment.sh"
"$PYTHON" -m atelier_runtime.training.train_vae --preset "$PRESET" --out ".runs/$PRESET-vae" --fit-only
