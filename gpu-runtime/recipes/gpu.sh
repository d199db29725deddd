#!/usr/bin/env bash
# One card, pieces of at most ten minutes, each going on where the last one stopped:
#   recipes/gpu.sh measure    kernels against their references, every table of benchmarks/RESULTS.md
#   recipes/gpu.sh tune       the fastest tile per shape into kernels/tables
#   recipes/gpu.sh vae        projection and decoder
#   recipes/gpu.sh train      the transformer at a constant rate; again until it says "done"
#   recipes/gpu.sh cool       the same with a rate that falls to zero
#   recipes/gpu.sh distil     8 and 4 steps without guidance from the cooled weights
#   recipes/gpu.sh export     graphs, weights and manifest, parity checked
#   recipes/gpu.sh pack       checkpoints in parts of 16 MiB; `unpack` is the inverse
# The first loan: train and cool 15 minutes, distil 5, measure 6. SIZE=smoke DEVICE=cpu runs every phase in minutes without a card.
source "$(dirname "$0")/environment.sh"
SIZE=${SIZE:-gpu} DEVICE=${DEVICE:-cuda} MINUTES=${MINUTES:-9} WORKERS=${WORKERS:-$(nproc)}
runs=".runs/$SIZE-card" vae=".runs/$SIZE-vae/vae.pt"
piece=("$PYTHON" -m atelier_runtime.training.train_on_device --preset "$SIZE" --vae "$vae" --device "$DEVICE" --minutes "$MINUTES"
  --workers "$WORKERS" ${STEPS:+--steps "$STEPS"})
case "${1:?a phase: measure, tune, vae, train, cool, distil, export, pack or unpack}" in
measure) "$PYTHON" -m benchmarks.run --device "$DEVICE" --out "$runs/benchmarks" --report "${REPORT:-benchmarks/RESULTS.md}" ;;
tune) if [ "$DEVICE" = cuda ]; then "$PYTHON" -m benchmarks.tune --minutes "$MINUTES"; else "$PYTHON" -m benchmarks.tune --dry-run; fi ;;
vae) "$PYTHON" -m atelier_runtime.training.train_vae --preset "$SIZE" --out ".runs/$SIZE-vae" --resume ;;
train) "${piece[@]}" --out "$runs/constant" ;;
cool) "${piece[@]}" --out "$runs/cooled" --start-from "$runs/constant/dit.pt" --cooldown ;;
distil) "${piece[@]}" --out "$runs/distilled" --teacher "$runs/cooled/dit.pt" --student-steps 8 4 ;;
export) "$PYTHON" -m atelier_runtime.export.onnx_export --preset "$SIZE" --dit "$runs/${FROM:-distilled}/dit.pt" --vae "$vae" \
  --name "${NAME:-$SIZE-1}" --out "${OUT:-$runs/weights}" ;;
pack) for run in constant cooled distilled; do
  [ -f "$runs/$run/dit.pt" ] && "$PYTHON" -m atelier_runtime.training.split_files split "$runs/$run/dit.pt" "$runs/parts/$run"
done ;;
unpack) for run in "$runs"/parts/*/; do
  "$PYTHON" -m atelier_runtime.training.split_files join "$run" "$runs/$(basename "$run")/dit.pt"
done ;;
*) echo "no phase $1" >&2; exit 2 ;;
esac
