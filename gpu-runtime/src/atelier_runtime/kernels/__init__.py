"""Operations of a denoise step in low precision. Each folder: `reference.py` (plain PyTorch, the truth), `kernel.py`
(Triton), `__init__.py` (which of the two runs), `README.md` (formula and layout)."""
