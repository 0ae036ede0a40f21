"""A small network that judges labels where there are no pretrained weights on this disk."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from bear_tui.engine.inputs.augment import augment, normalise

SIZE = 48
_STATISTICS = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_BATCH = 32
_LEARNING_RATE = 0.003


class SmallNetwork(nn.Sequential):
    """Four convolutions and global average pooling: 100,000 parameters, seconds to train."""

    def __init__(self, classes: int) -> None:
        layers: list[nn.Module] = []
        channels = 3
        for width in (16, 32, 64, 128):
            layers += [
                nn.Conv2d(channels, width, 3, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
            ]
            channels = width
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3)]
        super().__init__(*layers, nn.Linear(channels, classes))


def learn_and_judge(
    images: Tensor,
    labels: Tensor,
    held_out: Tensor,
    classes: int,
    seed: int,
    epochs: int,
    each_epoch: Callable[[], None],
) -> Tensor:
    """Train on `images` and return logits for `held_out` `[photos, 3, size, size]`.

    `each_epoch` is called after each epoch, and may raise to stop.
    """
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = SmallNetwork(classes)
    optimizer = torch.optim.AdamW(model.parameters(), lr=_LEARNING_RATE, weight_decay=0.05)
    steps = max(1, len(images) // _BATCH) * epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, steps)
    for _ in range(epochs):
        order = torch.randperm(len(images), generator=generator)
        # An incomplete last batch is dropped: BatchNorm learns little from a few photos.
        for start in range(0, max(1, len(images) - _BATCH + 1), _BATCH):
            batch = order[start : start + _BATCH]
            views = normalise(augment(images[batch], "standard", generator), _STATISTICS)
            # Smoothed: a network trained to be certain of every label learns wrong ones too.
            loss = functional.cross_entropy(model(views), labels[batch], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        each_epoch()
    model.eval()
    with torch.inference_mode():
        views = normalise(held_out, _STATISTICS)
        both = [model(view) for view in (views, views.flip(3))]
    mean: Tensor = (both[0] + both[1]) / 2
    return mean.clone()
