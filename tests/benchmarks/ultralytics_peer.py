"""Ultralytics' way to train the head of a classifier, as a program, for the benchmark of peers.

Of torchvision's networks it takes the body and puts its own head behind it: its documented way to
train one of them.
"""

import shutil
from typing import Any

from torch import nn
from ultralytics import YOLO
from ultralytics.models.yolo.classify import ClassificationTrainer

from tests.benchmarks import peer

CONFIGURATION = """
nc: 2
backbone:
  - [-1, 1, TorchVision, [{channels}, {model}, null, True, {left_out}]]
head:
  - [-1, 1, Classify, [nc]]
"""
BODIES = {"resnet18": (512, 2), "mobilenet_v2": (1280, 1)}
"""Channels that the body ends with, and how many of the network's parts come after it."""


def main() -> None:
    """Train with a frozen body, save, and print the accuracy on the test photos."""
    chosen = peer.arguments(BODIES).parse_args()
    channels, left_out = BODIES[chosen.model]
    body = unwrapped(peer.network(chosen), left_out)

    # Ultralytics is not there where types are checked: its classes are Any.
    class Trainer(ClassificationTrainer):  # type: ignore[misc]
        def get_model(self, *given: Any, **named: Any) -> nn.Module:
            model: nn.Module = super().get_model(*given, **named)
            # torch types what a module holds as Tensor or Module; this is a list of modules.
            model.model[0].m.load_state_dict(body.state_dict())  # type: ignore[index,union-attr]
            return model

    data = chosen.out.with_name("ultralytics-data").resolve()  # it writes beside the photos
    data.mkdir(exist_ok=True)
    for name, part in (("train", "train"), ("val", "validation"), ("test", "test")):
        if not (data / name).exists():
            (data / name).symlink_to(chosen.data.resolve() / part)
    written = chosen.out.with_name("ultralytics-cls.yaml")
    written.write_text(
        CONFIGURATION.format(channels=channels, model=chosen.model, left_out=left_out)
    )
    usual = {"imgsz": 224, "batch": 32, "workers": 2, "device": "cpu", "plots": False}
    model = YOLO(written, task="classify", verbose=False)
    model.train(
        trainer=Trainer,
        data=str(data),
        epochs=chosen.epochs,
        freeze=1,
        project=str(chosen.out.parent.resolve()),
        name="ultralytics",
        exist_ok=True,
        verbose=False,
        **usual,
    )
    shutil.copy(chosen.out.parent / "ultralytics" / "weights" / "last.pt", chosen.out)
    tested = YOLO(chosen.out).val(data=str(data), split="test", verbose=False, **usual)
    print(f"accuracy {tested.top1:.4f}")


def unwrapped(network: nn.Module, left_out: int) -> nn.Module:
    """The body as Ultralytics takes it out: the network's children in a row, less the last."""
    parts = list(network.children())
    if isinstance(parts[0], nn.Sequential):
        parts = [*parts[0].children(), *parts[1:]]
    return nn.Sequential(*parts[:-left_out])


if __name__ == "__main__":
    main()
