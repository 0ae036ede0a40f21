"""`python -m bear_tui` is `bear-tui`."""

import sys

if not sys.flags.safe_path:
    # Python looks first in the folder it was started in: a `random.py` there would be run.
    sys.path.append(sys.path.pop(0))

from bear_tui.cli import main

sys.exit(main())
