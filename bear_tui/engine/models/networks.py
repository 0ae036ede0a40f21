"""The course's own networks, trained from random values."""

from torch import Tensor, nn


class MLP(nn.Module):
    """A multilayer perceptron on the pixels: two hidden layers, of 128 and 256 units.

    Its input is 3 x size x size numbers; it does not know which pixels are neighbours.
    """

    def __init__(self, classes: int, image_size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(3 * image_size * image_size, 128),
            nn.ReLU(),
            nn.Linear(128, 256),
            nn.ReLU(),
            nn.Linear(256, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, 3, size, size]`."""
        logits: Tensor = self.layers(images)
        return logits


class VGG16Scratch(nn.Module):
    """VGG16 (Simonyan and Zisserman, 2014, configuration D) without adaptive pooling.

    Five poolings halve the picture's side each time, so the first linear layer takes
    512 x (size // 32)^2 numbers: 512 at 32 pixels, 25,088 at 224 and 228.
    """

    _CHANNELS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))

    def __init__(self, classes: int, image_size: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for stage in self._CHANNELS:
            for width in stage:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        side = image_size // 32
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Linear(512 * side * side, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, classes),
        )
        for module in self.modules():
            # He et al. (2015): keeps the variance of activations through 13 layers of ReLU.
            if isinstance(module, nn.Conv2d) and module.bias is not None:
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Logits `[batch, classes]` of images `[batch, 3, size, size]`."""
        logits: Tensor = self.classifier(self.features(images))
        return logits
