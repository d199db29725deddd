"""Low-precision weights: calibrate on the world, search a plan of bits per layer, pack, report the error.

python -m atelier_runtime.quantization --weights weights/tiny --out .runs/tiny-w4a8
"""
