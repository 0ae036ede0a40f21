"""The training engine, and the only importer of torch."""

import os

# Read once, when torch is loaded. Threads that wait by spinning take the cores from whoever has
# work: with a second process on two cores, MobileNetV2 runs 3 to 20 times as slowly. Sleeping
# threads cost a few microseconds a layer.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# A part of torch, MKL, ends the process where it is loaded from a folder that was deleted.
try:
    os.getcwd()  # noqa: PTH109
except OSError:
    os.chdir("/")
