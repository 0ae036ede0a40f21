"""Grad-CAM finds what a class depends on, in every family that has places."""

import copy

import pytest
import torch
from torch import Tensor, nn

from bear_tui.engine.inference.explain import grad_cam
from bear_tui.engine.models import builder, freezing


class Spots(nn.Module):
    """Class 0 is the red in a photo, class 1 the green; 8 x 8 places of 4 pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(4)
        self.head = nn.Linear(3, 2, bias=False)
        with torch.no_grad():
            self.head.weight.copy_(torch.tensor([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]]))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.pool(images).mean(dim=(2, 3)))
        return logits


def a_photo() -> Tensor:
    """Red at the upper left, half as much at the lower left, green at the lower right."""
    image = torch.zeros(1, 3, 32, 32)
    image[0, 0, 4:8, 8:12] = 1.0
    image[0, 0, 28:32, 0:4] = 0.5
    image[0, 1, 24:28, 28:32] = 1.0
    return image


def test_the_heat_lies_where_the_class_is_and_as_much_of_it() -> None:
    red, green = (grad_cam(Spots(), a_photo(), index) for index in (0, 1))
    assert red is not None
    assert green is not None
    expected = torch.zeros(8, 8)
    expected[1, 2], expected[7, 0] = 1.0, 0.5
    assert torch.equal(red, expected)
    assert green.nonzero().tolist() == [[6, 7]]


def test_where_nothing_speaks_for_the_class_all_is_zero() -> None:
    heat = grad_cam(Spots(), torch.zeros(1, 3, 32, 32), 0)
    assert heat is not None
    assert not heat.any()


def test_the_model_is_left_as_it_was() -> None:
    model = builder.build("mobilenet_v2", 2, 64).train()
    model.features[0].eval()  # type: ignore[index, union-attr]
    freezing.freeze(model, "head")
    before = copy.deepcopy(model.state_dict())
    modes = [module.training for module in model.modules()]
    learns = [parameter.requires_grad for parameter in model.parameters()]
    with torch.inference_mode(False), torch.no_grad():
        grad_cam(model, torch.rand(1, 3, 64, 64), 1)
    assert modes == [module.training for module in model.modules()]
    assert learns == [parameter.requires_grad for parameter in model.parameters()]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())


# Of every family the smallest, at a size of which the last layer makes what is named.
@pytest.mark.parametrize(
    ("name", "size", "side"),
    [
        ("vgg16-scratch", 64, 2),
        ("alexnet", 127, 3),
        ("convnext_tiny", 64, 2),
        ("densenet121", 64, 2),
        ("efficientnet_b0", 64, 2),
        ("efficientnet_v2_s", 64, 2),
        ("googlenet", 64, 2),
        ("inception_v3", 107, 2),
        ("maxvit_t", 224, 7),
        ("mnasnet0_5", 64, 2),
        ("mobilenet_v2", 64, 2),
        ("mobilenet_v3_small", 64, 2),
        ("regnet_x_400mf", 64, 2),
        ("regnet_y_400mf", 64, 2),
        ("resnet18", 64, 2),
        ("resnext50_32x4d", 64, 2),
        ("shufflenet_v2_x0_5", 64, 2),
        ("squeezenet1_1", 64, 3),
        ("swin_t", 64, 2),
        ("swin_v2_t", 64, 2),
        ("vit_b_32", 96, 3),
    ],
)
def test_every_family_has_a_heat_map_on_its_last_spatial_layer(
    name: str, size: int, side: int
) -> None:
    torch.manual_seed(1)
    model = builder.build(name, 2, size)
    head = model.get_submodule(builder.head_name(model))
    nn.init.normal_(head.weight)  # type: ignore[arg-type]  # a ViT's begins at zero
    image = torch.rand(1, 3, size, size)
    heats = [grad_cam(model, image, index) for index in (0, 1)]
    shapes = [tuple(heat.shape) for heat in heats if heat is not None]
    assert shapes == [(side, side), (side, side)]
    assert all(
        0 <= float(heat.min()) <= float(heat.max()) <= 1 for heat in heats if heat is not None
    )
    assert any(bool(heat.any()) for heat in heats if heat is not None)


def test_bare_pixels_have_no_heat_map() -> None:
    assert grad_cam(builder.build("mlp", 2, 32), torch.rand(1, 3, 32, 32), 0) is None
