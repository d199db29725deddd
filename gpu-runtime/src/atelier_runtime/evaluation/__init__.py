"""Judges of generated pictures and the frozen benchmark."""
