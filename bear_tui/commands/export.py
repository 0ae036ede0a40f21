"""`export`: a run's model as a file for other programs."""

import argparse

from bear_tui import paths
from bear_tui.commands.output import print_line, say
from bear_tui.run.runs import find_run


def export_run(arguments: argparse.Namespace) -> int:
    """Write the best weights, and say how well the file agrees with the run."""
    folder = find_run(arguments.name, arguments.runs or paths.runs_folder())
    out = paths.absolute(arguments.out)
    from bear_tui.engine.inference.export import export

    say("writing and checking …")
    done = export(folder, arguments.to, out)
    photos = f"{done.photos:,} test photos" if done.photos else "random pictures (no test photos)"
    print_line(f"{done.path}: {out.stat().st_size / 1e6:.1f} MB; classes and preprocessing beside.")
    print_line(f"Asked about {photos}: at most {done.difference:.1g} from the run's weights.")
    if done.run_difference is not None:
        print_line(f"At most {done.run_difference:.1g} from the run's own predictions.csv.")
    return 0
