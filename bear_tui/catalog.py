"""The catalogue of models: names, families, sizes, weights. Static facts, no torch.

They stand in catalog.tsv; a test holds them to the installed torchvision. Parameters count
ImageNet's 1,000 classes.
"""

import csv
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bear_tui import files, paths
from bear_tui.errors import BadInput

# Mean and standard deviation per channel of ImageNet's training photos, as fractions: what
# torchvision's weights expect to be subtracted and divided by.
IMAGENET_STATISTICS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_OTHER_STATISTICS = {"efficientnet_v2_l": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))}

Statistics = tuple[tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True)
class ModelEntry:
    """One model of the catalogue."""

    name: str
    family: str
    parameters: int
    image_size: int
    """Side in pixels of the square photos that the model works best with."""
    minimum_size: int
    accuracy: float | None
    """Top-1 accuracy on ImageNet of the official weights, in percent."""
    megabytes: float | None
    """Size of the official weights file."""
    gigaflops: float
    """Multiply-adds of one forward pass over one photo at `image_size`, in 10^9."""
    weights_file: str | None
    """Name of the official weights file; None for the course's own networks."""
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"
    """How photos were resized when the official weights were trained."""

    @property
    def statistics(self) -> Statistics:
        """Mean and standard deviation per channel that photos are normalised with."""
        return _OTHER_STATISTICS.get(self.name, IMAGENET_STATISTICS)

    @property
    def size_multiple(self) -> int:
        """The image size must be a multiple of this: the patch or window grid of the model."""
        if self.family == "ViT":
            return int(self.name.rsplit("_", 1)[1])
        return 224 if self.family == "MaxViT" else 1

    def gigaflops_at(self, image_size: int) -> float:
        """Return the approximate multiply-adds of one forward pass at this size, in 10^9."""
        return float(self.gigaflops * (image_size / self.image_size) ** 2)

    @property
    def fixed_size(self) -> bool:
        """Whether pretrained weights fit only one image size, because of position embeddings."""
        return self.family in ("ViT", "MaxViT")

    def weights_path(self) -> Path | None:
        """Return where the official weights are on this disk, or will be after a download."""
        if self.weights_file is None:
            return None
        downloaded_by_torchvision = paths.torch_weights_folder() / self.weights_file
        ours = paths.weights_folder() / self.weights_file
        return downloaded_by_torchvision if files.is_file(downloaded_by_torchvision) else ours

    def weights_on_disk(self) -> bool:
        """Return whether the official weights are on this disk."""
        path = self.weights_path()
        return path is not None and files.is_file(path)


def _read_catalog() -> dict[str, ModelEntry]:
    text = Path(__file__).with_name("catalog.tsv").read_text("utf-8")
    return {
        row["name"]: ModelEntry(
            name=row["name"],
            family=row["family"],
            parameters=int(row["parameters"]),
            image_size=int(row["image_size"]),
            minimum_size=int(row["minimum_size"]),
            accuracy=float(row["accuracy"]) if row["accuracy"] else None,
            megabytes=float(row["megabytes"]) if row["megabytes"] else None,
            gigaflops=float(row["gigaflops"]),
            weights_file=row["file"] or None,
            interpolation="bicubic" if row["interpolation"] == "bicubic" else "bilinear",
        )
        for row in csv.DictReader(text.splitlines(), delimiter="\t")
    }


MODELS = _read_catalog()
"""Every model by name: the course's own, then torchvision's by family and size."""


def find_model(name: str) -> ModelEntry:
    """Return the model called `name`. Raises BadInput with close names if there is none."""
    if name in MODELS:
        return MODELS[name]
    near = difflib.get_close_matches(name, MODELS, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "`bear-tui models` lists them."
    raise BadInput(f"--model {name}: no such model; {hint}")
