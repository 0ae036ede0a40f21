"""Each dependency has a lower bound, which `make lowest` installs."""

import pytest

from tests.lowest import PYPROJECT, lowest, requirements

WITHOUT_A_BOUND = {
    "torch",  # torchvision chooses the torch that it was built for
    "bear-tui[gpu,onnx,serve,tensorboard]",
}


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("numpy>=1.26", "numpy==1.26"),
        ("textual>=8.2.8,<8.3", "textual==8.2.8"),
        ("pkg[extra]<3,>=2.1", "pkg==2.1"),
        ("torch", ""),
    ],
)
def test_the_lowest_version_is_that_of_the_lower_bound(requirement: str, expected: str) -> None:
    assert lowest(requirement) == expected


def test_every_dependency_has_a_lower_bound() -> None:
    named = requirements(PYPROJECT.read_text("utf-8"))
    assert {requirement for requirement in named if not lowest(requirement)} == WITHOUT_A_BOUND
