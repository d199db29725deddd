#!/usr/bin/env bash
# Byte-level BPE on the names of the world in two languages. Changing it makes all weights useless.
source "$(dirname "$0")/environment.sh"
"$PYTHON" -m atelier_runtime.training.train_tokenizer
