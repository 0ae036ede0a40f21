"""The training engine, and the only importer of torch."""

import os

# Read once, when torch is loaded. Threads that wait by spinning take the cores from those that have
# work: with a second process on two cores, MobileNetV2 runs 3 to 20 times slower. Sleeping threads
# cost a few microseconds per layer.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# MKL, a part of torch, aborts when it is loaded while the working directory is deleted.
try:
    os.getcwd()  # noqa: PTH109
except OSError:
    os.chdir("/")
