"""What the screen costs and how quickly it answers, in a real pty: `python -m tests.benchmarks.ui`.

    python -m tests.benchmarks.ui [first-frame] [import] [keys] [output] [speed]
                                  [--rounds 9] [--keys 200] [--pairs 12] [--seconds 30]

Without a name all are measured; one table, and exit status 1 where a floor is missed. Every figure
needs a machine with nothing else to do: two busy processes on two cores double each wait.
"""

import argparse
import compileall
import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bear_tui
from tests.benchmarks import answering, speed

TRAININGS = (("vgg16-scratch", 32), ("vgg16", 224))


@dataclass(frozen=True)
class Measured:
    """A figure beside what it has to keep to."""

    what: str
    figure: float
    unit: str
    bound: float
    at_least: bool = False
    more: str = ""

    @property
    def good(self) -> bool:
        """Whether it keeps to it."""
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound


def measure(names: list[str], options: argparse.Namespace) -> Iterator[Measured]:
    """The figures that are asked for, each as soon as it is known."""
    if "first-frame" in names:
        yield _first_frame(options.rounds)
    if "import" in names:
        waits = [wait for _ in range(3) for wait in answering.keys_during_import()]
        yield _keys("worst key while torch is imported", waits, max(waits), 300)
    for model, size in TRAININGS:
        for name in ("keys", "output"):
            if name not in names:
                continue
            with answering.training(model, size) as held:
                what = f"while {model} trains at {size} px"
                if name == "keys":
                    waits = answering.keys(held, options.keys)
                    yield _keys(f"median of keys {what}", waits, statistics.median(waits), 30)
                    yield _keys(f"p99 of keys {what}", waits, answering.p99(waits), 100)
                else:
                    rate = answering.output(held, options.seconds)
                    yield Measured(f"output {what}", rate, "KB/s", 10)
    if "speed" in names:
        ratios = speed.ratios(options.pairs)
        more = f"from {min(ratios):.3f} to {max(ratios):.3f}, {len(ratios)} pairs"
        middle = statistics.median(ratios)
        yield Measured("training speed over no screen", middle, "", 0.98, True, more)


def _first_frame(rounds: int) -> Measured:
    """Compare the app with a bare Textual app, in turns: a slow minute hits both."""
    answering.first_frame(), answering.bare_first_frame()  # compiles what is not yet
    pairs = [(answering.first_frame(), answering.bare_first_frame()) for _ in range(rounds)]
    ratio = statistics.median(own / bare for own, bare in pairs)
    own, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    more = f"{own:.3f} s to {bare:.3f} s, {rounds} pairs"
    return Measured("first frame over a bare Textual app's", ratio, "", 1.5, more=more)


def _keys(what: str, waits: list[float], figure: float, bound: float) -> Measured:
    more = f"median {statistics.median(waits):.0f}, worst {max(waits):.0f}, {len(waits)} keys"
    return Measured(what, figure, "ms", bound, more=more)


def compile_all() -> None:
    """Have the app's modules compiled, as pip leaves them; an environment may forbid that."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(Path(bear_tui.__file__).parent, quiet=1)


def main() -> int:
    """Read the arguments and measure."""
    compile_all()
    known = ("first-frame", "import", "keys", "output", "speed")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(known):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    good = True
    print(f"{'':44} {'measured':>12}  {'asked':>12}")
    for row in measure(arguments.names or list(known), arguments):
        good &= row.good
        asked = f"{'>=' if row.at_least else '<='} {row.bound:g} {row.unit}"
        figure = f"{row.figure:.3g} {row.unit}"
        mark = "" if row.good else "  MISSED"
        print(f"{row.what:44} {figure:>12}  {asked:>12}{mark}  {row.more}", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
