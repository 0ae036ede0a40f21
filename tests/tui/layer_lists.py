"""Layers of models as the engine describes them, without torch."""

from bear_tui.layers import Layer


def vgg(classes: int = 2, size: int = 32) -> list[Layer]:
    """Return the layers of VGG16 without adaptive pooling."""
    rows: list[Layer] = []
    channels, side, number = 3, size, 0

    def add(part: str, kind: str, shape: tuple[int, ...], parameters: int = 0) -> None:
        nonlocal number
        rows.append(Layer(f"{part}.{number}", kind, shape, parameters, True))
        number += 1

    for widths in ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)):
        for width in widths:
            add("features", "Conv2d", (width, side, side), channels * width * 9 + width)
            add("features", "ReLU", (width, side, side))
            channels = width
        side //= 2
        add("features", "MaxPool2d", (channels, side, side))
    number, inputs = 0, channels * side * side
    add("classifier", "Flatten", (inputs,))
    for outputs in (4096, 4096, classes):
        add("classifier", "Linear", (outputs,), inputs * outputs + outputs)
        if outputs != classes:
            add("classifier", "ReLU", (outputs,))
            add("classifier", "Dropout", (outputs,))
        inputs = outputs
    return rows


def resnet(classes: int = 2) -> list[Layer]:
    """Return a small network of named stages, with average pooling before its head."""
    rows = [Layer("conv1", "Conv2d", (8, 16, 16), 216, True)]
    for number, (width, side) in enumerate(((8, 16), (16, 8), (32, 4)), start=1):
        for block in (0, 1):
            name = f"layer{number}.{block}"
            rows.append(Layer(f"{name}.conv1", "Conv2d", (width, side, side), width * 72, True))
            rows.append(Layer(f"{name}.bn1", "BatchNorm2d", (width, side, side), 2 * width, True))
    rows.append(Layer("avgpool", "AdaptiveAvgPool2d", (32, 1, 1), 0, False))
    rows.append(Layer("fc", "Linear", (classes,), 32 * classes + classes, True))
    return rows


def squeeze(classes: int = 2) -> list[Layer]:
    """Return layers as in SqueezeNet, whose head is a convolution."""
    return [
        Layer("features.0", "Conv2d", (8, 16, 16), 216, True),
        Layer("features.3.squeeze", "Conv2d", (4, 8, 8), 36, True),
        Layer("features.3.expand", "Conv2d", (16, 8, 8), 80, True),
        Layer("classifier.1", "Conv2d", (classes, 8, 8), 17 * classes, True),
    ]
