# Sourced by every recipe: paths, and threads that sleep at barriers instead of spinning on a shared machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONPATH=src OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0
PYTHON=${PYTHON:-python3}
PRESET=${PRESET:-pilot}
