"""Print the lowest version of each dependency that pyproject.toml allows, for `pip -c`."""

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def requirements(pyproject: str) -> list[str]:
    """Return all dependencies of the package, those of its extras included."""
    project = tomllib.loads(pyproject)["project"]
    return sum(project["optional-dependencies"].values(), list(project["dependencies"]))


def lowest(requirement: str) -> str:
    """Return `name==version` of the lower bound; empty where there is none."""
    bound = re.match(r"([\w.-]+)[^>]*>=([\w.]+)", requirement)
    return f"{bound[1]}=={bound[2]}" if bound else ""


if __name__ == "__main__":
    print("\n".join(filter(None, map(lowest, requirements(PYPROJECT.read_text("utf-8"))))))
