"""What the program of every peer begins with: the same arguments, and the same network."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from torch import nn

from bear_tui.engine.models import builder, weights


def arguments(known: Iterable[str] | None = None) -> argparse.ArgumentParser:
    """Those that `peers` gives to all of them; `known` are the models that a peer can take."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", required=True, choices=known)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    return parser


def network(chosen: argparse.Namespace, size: int = 224) -> nn.Module:
    """The model for two classes, with the weights in its file.

    The loader is ours only because torchvision's own wants the official file.
    """
    model = builder.build(chosen.model, 2, size)
    weights.load_into(model, weights.read_tensors(chosen.weights), chosen.model, chosen.weights)
    return model
