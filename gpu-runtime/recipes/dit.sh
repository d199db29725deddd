#!/usr/bin/env bash
# The transformer at a constant rate up to STEPS, then with a rate that falls to zero. Runs again where it stopped.
source "$(dirname "$0")/environment.sh"
vae=".runs/$PRESET-vae/vae.pt"
train=("$PYTHON" -m atelier_runtime.training.train_dit --preset "$PRESET" --vae "$vae" --parallel --compile --resume)
"${train[@]}" --out ".runs/$PRESET" --steps "${STEPS:-3000}"
"${train[@]}" --out ".runs/$PRESET-cooled" --start-from ".runs/$PRESET/dit.pt" --cooldown
