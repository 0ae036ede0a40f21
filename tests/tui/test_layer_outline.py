"""The layer tree as plain values."""

import pytest

from bear_tui.layers import Layer
from bear_tui.tui.forms.layer_outline import lesson, linear_inputs, opened_to_fit, outline, visible
from tests.tui.layer_lists import resnet, vgg


def labels(layers: list[Layer], height: int) -> list[str]:
    nodes = outline(layers)
    rows = visible(nodes, opened_to_fit(nodes, height))
    return ["  " * row.depth + f"{row.node.label} {row.node.makes}" for row in rows]


def test_numbered_layers_are_gathered_by_the_size_of_the_picture() -> None:
    assert labels(vgg(size=224), 16)[:6] == [
        "features 512 x 7 x 7",
        "  stage 1 64 x 112 x 112",
        "  stage 2 128 x 56 x 56",
        "  stage 3 256 x 28 x 28",
        "  stage 4 512 x 14 x 14",
        "  stage 5 512 x 7 x 7",
    ]


def test_named_groups_keep_their_names_and_start_closed() -> None:
    assert [label.split()[0] for label in labels(resnet(), 30)] == [
        "conv1",
        "layer1",
        "layer2",
        "layer3",
        "avgpool",
        "fc",
    ]


def test_the_groups_that_do_not_fit_stay_closed() -> None:
    assert [label.split()[0] for label in labels(vgg(), 10)] == [
        "features",
        "classifier",
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
    ]


def test_no_layer_is_lost_or_shown_twice() -> None:
    nodes = outline(vgg())
    everything = visible(nodes, frozenset(one.key for one in _all(nodes)))
    leaves = [row.node.layers[0].name for row in everything if not row.node.children]
    assert leaves == [layer.name for layer in vgg()]


def _all(nodes: object) -> list:  # type: ignore[type-arg]
    found = []
    for node in nodes:  # type: ignore[attr-defined]
        found += [node, *_all(node.children)]
    return found


def test_a_group_is_partly_checked_when_some_of_it_is() -> None:
    features = outline(vgg())[0]
    names = sorted(features.names)
    assert features.mark(frozenset()) == " "
    assert features.mark(frozenset(names[:2])) == "-"
    assert features.mark(frozenset(names)) == "x"


def test_what_has_no_parameters_has_no_box() -> None:
    flatten = outline(vgg())[1].children[0]
    assert flatten.mark(frozenset({"classifier.0"})) == ""


def test_a_linear_layer_says_what_it_takes_and_gives() -> None:
    assert [node.detail for node in outline(vgg())[1].children if "→" in node.detail] == [
        "linear 512 → 4,096",
        "linear 4,096 → 4,096",
        "head 4,096 → 2",
    ]


def test_a_linear_layer_without_bias_takes_what_comes_in() -> None:
    layers = [
        Layer("a", "Linear", (10,), 3 * 10 + 10, True),
        Layer("b", "Linear", (5,), 10 * 5, True),
    ]
    assert linear_inputs(layers) == {"a": 3, "b": 10}


def test_channels_of_branches_side_by_side_are_not_claimed() -> None:
    block = [
        Layer("mixed.branch1.conv", "Conv2d", (16, 28, 28), 100, True),
        Layer("mixed.branch2.conv", "Conv2d", (32, 28, 28), 100, True),
        Layer("fc", "Linear", (2,), 98, True),
    ]
    assert outline(block)[0].makes == "… x 28 x 28"


@pytest.mark.parametrize(
    ("layers", "size", "told"),
    [
        (
            vgg(size=32),
            32,
            "32 px, halved 5 times → 512 x 1 x 1 = 512 numbers into the first linear layer "
            "→ 2 classes",
        ),
        (
            vgg(size=224, classes=3),
            224,
            "224 px, halved 5 times → 512 x 7 x 7 = 25,088 numbers into the first linear layer "
            "→ 3 classes",
        ),
        (
            resnet(),
            32,
            "32 px → 32 x 4 x 4, averaged to 32 numbers into the last layer → 2 classes",
        ),
        (
            [
                Layer("layers.0", "Flatten", (3072,), 0, False),
                Layer("layers.1", "Linear", (128,), 393_344, True),
                Layer("layers.3", "Linear", (2,), 258, True),
            ],
            32,
            "3 x 32 x 32 = 3,072 numbers into the first linear layer → 2 classes",
        ),
    ],
)
def test_the_lesson_is_told_with_the_persons_own_numbers(
    layers: list[Layer], size: int, told: str
) -> None:
    classes = (layers[-1].output_shape or (0,))[0]
    assert lesson(layers, size, classes) == told
