#!/usr/bin/env bash
# One card, pieces of at most ten minutes, each going on where the last one stopped:
#   recipes/gpu.sh measure    kernels against their references, every table of benchmarks/RESULTS.md
#   recipes/gpu.sh tune       the fastest tile per shape into kernels/tables
#   recipes/gpu.sh vae        projection and decoder
#   recipes/gpu.sh train      the transformer at a constant rate; again until it says "done"
#   recipes/gpu.sh cool       the same with a rate that falls to zero
#   recipes/gpu.sh distil     8 and 4 steps without guidance from the cooled weights
#   recipes/gpu.sh export     graphs, weights and manifest, parity checked
#   recipes/gpu.sh pack       checkpoints, weights, tile table and figures into PARTS, no file above 16 MiB; `unpack` is the inverse
#   recipes/gpu.sh all        vae to pack in one go
# The first loan: train and cool 15 minutes, distil 5, measure 6. SIZE=smoke DEVICE=cpu runs every phase in minutes without a
# card; STEPS cuts each training, FIT_SCENES the projection's, ONLY the tables; RUNS and PARTS say where files go;
# VAE names an autoencoder that exists, a checkpoint or shipped weights.
source "$(dirname "$0")/environment.sh"
SIZE=${SIZE:-gpu} DEVICE=${DEVICE:-cuda} MINUTES=${MINUTES:-9} WORKERS=${WORKERS:-$(nproc)} RUNS=${RUNS:-.runs}
runs="$RUNS/$SIZE-card" vae=${VAE:-$RUNS/$SIZE-vae/vae.pt} weights=${WEIGHTS:-$RUNS/$SIZE-card/weights}
parts=${PARTS:-$RUNS/$SIZE-card/parts} tables=${TABLES:-src/atelier_runtime/kernels/tables}
piece=("$PYTHON" -m atelier_runtime.training.train_on_device --preset "$SIZE" --vae "$vae" --device "$DEVICE" --minutes "$MINUTES"
  --workers "$WORKERS" ${STEPS:+--steps "$STEPS"})
files=("$PYTHON" -m atelier_runtime.training.split_files)

phase() {
  case "$1" in
  measure) "$PYTHON" -m benchmarks.run --device "$DEVICE" --out "$runs/benchmarks" --report "${REPORT:-benchmarks/RESULTS.md}" \
    ${ONLY:+--only $ONLY} ;;
  tune) if [ "$DEVICE" = cuda ]; then "$PYTHON" -m benchmarks.tune --minutes "$MINUTES" --folder "$tables"
    else "$PYTHON" -m benchmarks.tune --dry-run; fi ;;
  vae) "$PYTHON" -m atelier_runtime.training.train_vae --preset "$SIZE" --out "$(dirname "$vae")" --resume \
    --minutes "$MINUTES"     ${STEPS:+--steps "$STEPS"} ${FIT_SCENES:+--fit-scenes "$FIT_SCENES"} ;;
  train) "${piece[@]}" --out "$runs/constant" ;;
  cool) "${piece[@]}" --out "$runs/cooled" --start-from "$runs/constant/dit.pt" --cooldown ;;
  distil) "${piece[@]}" --out "$runs/distilled" --teacher "$runs/cooled/dit.pt" --student-steps 8 4 ;;
  export) "$PYTHON" -m atelier_runtime.export.onnx_export --preset "$SIZE" --dit "$runs/${FROM:-distilled}/dit.pt" --vae "$vae" \
    --name "${NAME:-$SIZE-1}" --out "$weights" ;;
  pack) pack ;;
  unpack) for folder in constant cooled distilled; do join "$parts/$folder" "$runs/$folder/dit.pt"; done
    join "$parts/vae" "$vae" ;;
  all) for each in vae train cool distil export tune measure pack; do echo "== $each"; phase "$each"; done ;;
  *) echo "no phase $1" >&2; exit 2 ;;
  esac
}

pack() {
  for folder in constant cooled distilled; do
    if [ -f "$runs/$folder/dit.pt" ]; then "${files[@]}" split "$runs/$folder/dit.pt" "$parts/$folder"; fi
  done
  if [ -f "$vae" ]; then "${files[@]}" split "$vae" "$parts/vae"; fi
  if [ -d "$weights" ]; then
    for file in "$weights"/*; do "${files[@]}" split "$file" "$parts/weights"; done
  fi
  mkdir -p "$parts/figures"
  for file in "$runs"/benchmarks/results.* "$tables"/*.json; do
    if [ -f "$file" ]; then cp "$file" "$parts/figures/"; fi
  done
  if [ -n "$(find "$parts" -type f -size +16384k)" ]; then echo "a file in $parts is larger than 16 MiB" >&2; exit 1; fi
}

join() {
  if [ -d "$1" ]; then "${files[@]}" join "$1" "$2"; fi
}

phase "${1:?a phase: measure, tune, vae, train, cool, distil, export, pack, unpack or all}"
