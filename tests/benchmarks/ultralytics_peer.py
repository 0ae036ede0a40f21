"""Ultralytics' way to train the head of a classifier, as a program, for the benchmark of peers.

It trains its own nano model from random values, for its weights cannot be fetched here: a time to
compare with, not an accuracy.
"""

import argparse
import shutil
from pathlib import Path

from ultralytics import YOLO


def main() -> None:
    """Train with a frozen body, and save."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    validation = chosen.data / "val"  # the name that it looks for
    if not validation.exists():
        validation.symlink_to(chosen.data / "validation")
    model = YOLO("yolov8n-cls.yaml")
    model.train(
        data=str(chosen.data.resolve()),
        epochs=chosen.epochs,
        imgsz=224,
        batch=32,
        freeze=9,
        workers=2,
        device="cpu",
        plots=False,
        project=str(chosen.out.parent.resolve()),
        name="ultralytics",
        exist_ok=True,
        verbose=False,
    )
    shutil.copy(chosen.out.parent / "ultralytics" / "weights" / "last.pt", chosen.out)


if __name__ == "__main__":
    main()
