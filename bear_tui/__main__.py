"""`python -m bear_tui` is `bear-tui`."""

import sys

from bear_tui.cli import main

sys.exit(main())
