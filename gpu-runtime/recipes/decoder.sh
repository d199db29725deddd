#!/usr/bin/env bash
# The convolutional decoder: first on true latents under noise, then on what the transformer draws.
source "$(dirname "$0")/environment.sh"
train=("$PYTHON" -m atelier_runtime.training.train_vae --preset "$PRESET" --out ".runs/$PRESET-vae" --resume)
"${train[@]}" --steps "${DECODER_STEPS:-1500}"
"${train[@]}" --refine-on ".runs/$PRESET-cooled/dit.pt" --refine-steps "${REFINE_STEPS:-700}"
