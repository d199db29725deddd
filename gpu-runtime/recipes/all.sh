#!/usr/bin/env bash
# The whole story on two cores: hours for the transformer, minutes for the rest.
set -euo pipefail
here="$(dirname "$0")"
for phase in vae dit decoder export; do "$here/$phase.sh"; done
