"""Triton kernels run in its interpreter here; it must know before anything imports them."""

import os

os.environ["TRITON_INTERPRET"] = "1"
