"""Each dependency has a lower bound, which `make lowest` installs, and a version for CI."""

import re

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


def test_every_dependency_has_a_version_that_the_tests_passed_with() -> None:
    constraints = (PYPROJECT.parent / "constraints.txt").read_text("utf-8")
    pinned = {same_name(line.partition("==")[0]) for line in constraints.splitlines()}
    for requirement in set(requirements(PYPROJECT.read_text("utf-8"))):
        name = re.split(r"[\[<>=]", requirement)[0]
        assert name == "bear-tui" or same_name(name) in pinned


def same_name(name: str) -> str:
    return name.replace("-", "_").lower()
