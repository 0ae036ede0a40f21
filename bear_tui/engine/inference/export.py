"""Export a trained model for other programs, after comparing it with the run.

`pt2` and `onnx` take photos as bytes and return probabilities: normalisation and softmax are
inside.
"""

import copy
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from bear_tui import files
from bear_tui.catalog import Statistics
from bear_tui.data.digest import is_unchanged
from bear_tui.engine.compute.device import Compute
from bear_tui.engine.inference.evaluate import forward
from bear_tui.engine.inference.predict import Predictor, open_predictor, photos_to_test
from bear_tui.engine.inputs.augment import scale, scaled
from bear_tui.engine.models.checkpoint import tensors_of
from bear_tui.errors import BadInput, Failure
from bear_tui.recipe import Framing
from bear_tui.run.folder import RunFolder
from bear_tui.run.results import (
    dataset_file,
    predictions_csv,
    summary,
    temperature_scaling,
)
from bear_tui.version import VERSION

TOLERANCE = 1e-4
"""The largest difference of a probability between file and run."""
_CHECKED = 64
"""Photos to compare with."""
_ONNX_LIMIT = 1_900_000_000
"""Bytes: an ONNX file holds 2 GB at most; larger weights go into a file beside it."""

Answer = Callable[[Tensor], Tensor]
"""Probabilities `[batch, classes]` of uint8 photos `[batch, 3, size, size]`."""


@dataclass(frozen=True)
class Exported:
    """What was written, and how well it agrees with the run."""

    path: Path
    photos: int
    """Photos that were compared; 0: random images were."""
    difference: float
    """The largest of a probability, to the run's weights in fp32."""
    run_difference: float | None
    """The largest to what the run itself wrote; None where that cannot be compared."""


class Portable(nn.Module):
    """Normalisation, network and softmax in one module."""

    factor: Tensor
    offset: Tensor

    def __init__(self, model: nn.Module, statistics: Statistics) -> None:
        super().__init__()
        self.model = model
        factor, offset = scale(statistics, torch.device("cpu"))
        # Buffers move with the module, and are no weights.
        self.register_buffer("factor", factor, persistent=False)
        self.register_buffer("offset", offset, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return probabilities `[batch, classes]` of uint8 RGB `[batch, 3, size, size]`."""
        logits: Tensor = self.model(scaled(images, self.factor, self.offset))
        return logits.softmax(dim=1)


def export(folder: RunFolder, kind: str, out: Path) -> Exported:
    """Write a run's best weights to `out`, with a description in `out` + `.json`.

    Raises Failure, and writes nothing, where the file's probabilities differ from the run's;
    BadInput where `out` exists.
    """
    writer = _WRITERS[kind]
    description_file = out.with_name(f"{out.name}.json")
    for path in (out, description_file):
        if files.exists(path):
            raise BadInput(f"--out {path}: there already; remove it or choose another name.")
    predictor = open_predictor(folder, Compute(torch.device("cpu"), "fp32"))
    predictor.model.to(memory_format=torch.contiguous_format)
    described = json.dumps(description(folder, predictor), indent=1) + "\n"
    try:
        # Written and checked in a temporary folder: a failure leaves nothing behind.
        with tempfile.TemporaryDirectory(prefix=".", dir=out.parent) as place:
            # torch warns about names that do not end so.
            draft = Path(place) / f"{out.name.removesuffix(f'.{kind}')}.{kind}"
            answer = writer(predictor, draft, described)
            checked = _check(folder, predictor, answer, out)
            (Path(place) / description_file.name).write_text(described, "utf-8")
            for path in sorted(Path(place).iterdir(), key=lambda path: path == draft):
                with path.open("r+b") as file:
                    files.sync(file.fileno())
                path.rename(out if path == draft else out.parent / path.name)
        files.sync_folder(out.parent)
    except OSError as error:
        raise files.explain(error, out) from None
    return checked


def description(folder: RunFolder, predictor: Predictor) -> dict[str, Any]:
    """Return everything that one must know to use the file without bear-tui."""
    mean, std = predictor.statistics
    size = predictor.image_size
    shown = summary.figures_of(folder)
    temperature = temperature_scaling.of_run(folder)
    # For a photo that is decoded in full, the two are the same.
    filter = "bilinear" if predictor.interpolation == "draft" else predictor.interpolation
    return {
        "made_by": f"bear-tui {VERSION}",
        "run": folder.run,
        "model": shown["model"],
        "classes": list(predictor.classes),
        "image_size": size,
        "framing": predictor.framing,
        "interpolation": filter,
        "preprocessing": [
            "turn upright by EXIF orientation, convert to RGB, transparent parts white",
            "of grey of more than 8 bits, the least of 8, 10, 12, 14 and 16 that holds it is white",
            *_framed(predictor.framing, size, filter),
        ],
        "input": {"name": "images", "type": "uint8", "shape": ["batch", 3, size, size]},
        "output": {"name": "probabilities", "shape": ["batch", len(predictor.classes)]},
        "inside_pt2_and_onnx": "divide by 255, subtract mean, divide by std; softmax at the end",
        # Not inside: the file returns what predictions.csv has.
        "temperature": temperature.value,
        "chances": "probabilities ** (1 / temperature), divided by their sum"
        if temperature.value
        else temperature.why,
        "mean": list(mean),
        "std": list(std),
        "best_epoch": shown["best_epoch"],
        "test_accuracy": shown["test"]["accuracy"] if shown["test"] else None,
        "dataset_fingerprint": shown["dataset_fingerprint"],
    }


def _framed(framing: Framing, size: int, filter: str) -> list[str]:
    if framing == "crop":
        middle = "crop the largest square in the middle"
        return [middle, f"resize it to {size} x {size}, {filter} with antialiasing"]
    return [
        f"resize the longer side to {size} pixels, {filter} with antialiasing",
        f"pad with black to {size} x {size}, the photo in the middle",
    ]


def _write_pt2(predictor: Predictor, path: Path, described: str) -> Answer:
    program = torch.export.export(*_traced(predictor), dynamic_shapes=_ANY_BATCH)
    # In memory first: on a full disk torch's writer kills the process.
    content = io.BytesIO()
    torch.export.save(program, content, extra_files={"description.json": described})
    path.write_bytes(content.getbuffer())
    loaded: Answer = torch.export.load(path).module()
    return loaded


def _write_onnx(predictor: Predictor, path: Path, described: str) -> Answer:
    try:
        # Only to check that they are installed: torch imports them itself.
        import onnx  # noqa: F401
        import onnxruntime
        import onnxscript  # noqa: F401
    except ImportError:
        raise BadInput(
            "--to onnx: three more packages are needed; "
            "`pip install onnx onnxruntime onnxscript` gets them."
        ) from None
    program = torch.onnx.export(
        *_traced(predictor),
        input_names=["images"],
        output_names=["probabilities"],
        dynamic_shapes=_ANY_BATCH,
        dynamo=True,
        verbose=False,
    )
    assert program is not None
    program.model.metadata_props["description"] = described
    weights = sum(tensor.nbytes for tensor in predictor.model.state_dict().values())
    program.save(path, external_data=weights > _ONNX_LIMIT)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda images: torch.from_numpy(session.run(None, {"images": images.numpy()})[0])


def _write_safetensors(predictor: Predictor, path: Path, described: str) -> Answer:
    tensors = {
        name: tensor.clone(memory_format=torch.contiguous_format)
        for name, tensor in tensors_of(predictor.model).items()
    }
    # In memory first: of a full disk the package's own writer does not say that it is full.
    path.write_bytes(safetensors.torch.save(tensors, {"description": described}))
    model = copy.deepcopy(predictor.model)
    model.load_state_dict(safetensors.torch.load_file(path))
    return Portable(model, predictor.statistics).eval()


_WRITERS = {"pt2": _write_pt2, "onnx": _write_onnx, "safetensors": _write_safetensors}
_ANY_BATCH = {"images": {0: torch.export.Dim("batch", min=1, max=65_536)}}


def _traced(predictor: Predictor) -> tuple[nn.Module, tuple[Tensor]]:
    """Return the module and example photos: two, for torch would make a batch of one constant."""
    size = predictor.image_size
    example = torch.zeros(2, 3, size, size, dtype=torch.uint8)
    return Portable(predictor.model, predictor.statistics).eval(), (example,)


def _check(folder: RunFolder, predictor: Predictor, answer: Answer, out: Path) -> Exported:
    """Compare file and run on the same photos. Raises Failure where they differ."""
    images, names = _photos(folder, predictor)
    logits = forward(predictor.model, images, predictor.compute, predictor.statistics)
    expected = logits.double().softmax(dim=1)
    with torch.inference_mode():
        exported = answer(images).double()
        alone = torch.cat([answer(images[n : n + 1]) for n in range(min(4, len(images)))])
    difference = _largest(exported, expected)
    difference = max(difference, _largest(alone.double(), expected[: len(alone)]))
    of_run = _run_difference(folder, names, exported)
    exact = of_run is not None and _repeatable(folder)
    if not max(difference, of_run if of_run is not None and exact else 0.0) <= TOLERANCE:
        raise Failure(
            f"{out}: refused: the file answers otherwise than the run, by up to "
            f"{max(difference, of_run or 0.0):.2g} in a probability; nothing was written."
        )
    return Exported(out, len(names), difference, of_run)


def _photos(folder: RunFolder, predictor: Predictor) -> tuple[Tensor, list[str]]:
    """Return some of the run's test photos, preprocessed, and their paths."""
    try:
        photos = photos_to_test(folder, None, predictor.classes)
    except Failure:
        photos = ()  # the dataset is gone
    chosen = photos[:: max(1, len(photos) // _CHECKED)][:_CHECKED]
    decoded = predictor.decoded(chosen, [0] * len(chosen))
    try:
        images, _, readable = decoded.batch(range(len(chosen)))
    finally:
        decoded.close()
    if readable:
        return images.contiguous(), [str(chosen[index].path) for index in readable]
    shape = (4, 3, predictor.image_size, predictor.image_size)
    generator = torch.Generator().manual_seed(1)
    return torch.randint(256, shape, dtype=torch.uint8, generator=generator), []


def _run_difference(folder: RunFolder, names: list[str], exported: Tensor) -> float | None:
    """Compare with predictions.csv, on photos that have not changed since."""
    if folder.state().status != "completed":
        return None  # resumed since its test
    known = predictions_csv.probabilities_by_path(folder.predictions_file)
    hashes = dataset_file.hashes_by_path(folder.dataset_file)
    same = [is_unchanged(Path(name), hashes.get(name)) for name in names]
    rows = [n for n, name in enumerate(names) if name in known and same[n]]
    if not rows:
        return None
    written = torch.tensor([known[names[n]] for n in rows], dtype=torch.float64)
    return _largest(exported[rows], written)


def _repeatable(folder: RunFolder) -> bool:
    """Whether the run computed in fp32 on a CPU: bf16 and TF32 round to 8 and 11 bits."""
    state = folder.state()
    return state.precision == "fp32" and state.device == "cpu"


def _largest(exported: Tensor, expected: Tensor) -> float:
    """Return the largest difference; infinite where shapes differ or a value is not finite."""
    if exported.shape != expected.shape or not bool(exported.isfinite().all()):
        return float("inf")
    return float((exported - expected).abs().max())
