import pytest

from bear_tui.errors import BadInput
from bear_tui.layers import Layer, matches, spec_of, stages, summary, trainable_names

VGG = [
    Layer("features.0", "Conv2d", (64, 32, 32), 1792, False),
    Layer("features.2", "Conv2d", (64, 32, 32), 36928, False),
    Layer("features.5", "Conv2d", (128, 16, 16), 73856, False),
    Layer("features.7", "ReLU", (128, 16, 16), 0, False),
    Layer("classifier.0", "Linear", (4096,), 2101248, False),
    Layer("classifier.6", "Linear", (2,), 8194, True),
]
NAMES = [layer.name for layer in VGG]


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("layer4", "layer4.0.conv1", True),
        ("layer4", "layer40.conv1", False),
        ("classifier.*", "classifier.6", True),
        ("features.2", "features.28", False),
        ("features.2?", "features.28", True),
        ("*", "conv1", True),
    ],
)
def test_a_name_stands_for_all_below_it(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


def test_the_head_is_always_trained() -> None:
    assert trainable_names("features.0", NAMES, "classifier.6") == {"features.0", "classifier.6"}
    assert trainable_names("all", NAMES, "classifier.6") == set(NAMES)


@pytest.mark.parametrize("spec", ["none", "", " , ", "none,head"])
def test_training_nothing_is_refused(spec: str) -> None:
    with pytest.raises(BadInput, match="nothing would be trained"):
        trainable_names(spec, NAMES, "classifier.6")


def test_an_unknown_layer_is_refused_with_near_names() -> None:
    with pytest.raises(BadInput, match=r"--unfreeze feature\.5.*features\.5"):
        trainable_names("feature.5", NAMES, "classifier.6")


@pytest.mark.parametrize(
    "spec", ["head", "all", "features,classifier.6", "features.2,features.5,classifier.6"]
)
def test_a_spec_survives_the_way_through_the_checklist(spec: str) -> None:
    checked = trainable_names(spec, NAMES, "classifier.6")
    again = spec_of(checked, VGG)
    assert trainable_names(again, NAMES, "classifier.6") == checked


def test_a_whole_group_is_named_once() -> None:
    assert spec_of(["features.0", "features.2", "features.5", "features.7"], VGG) == (
        "features,classifier.6"
    )


def test_stages_follow_the_size_of_the_picture() -> None:
    assert stages(VGG) == [
        ("features.0", "features.2"),
        ("features.5",),
        ("classifier.0",),
        ("classifier.6",),
    ]


def test_the_summary_counts_what_is_trained() -> None:
    assert summary(VGG) == "trainable 8,194 of 2,222,018 (0.4%)"
