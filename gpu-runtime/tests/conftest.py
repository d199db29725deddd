"""What must be known before PyTorch or a kernel is imported."""

import os

os.environ["TRITON_INTERPRET"] = "1"  # kernels run on the CPU here
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin at barriers are slow on a busy machine
