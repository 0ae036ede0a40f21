"""Each format is written by the engine or the API, and offered by the command and the app."""

import pytest

from bear_tui.commands.parser import parser
from bear_tui.formats import MODEL_FORMATS, REPORT_FORMATS
from bear_tui.tui.session import export


def test_the_app_offers_every_format() -> None:
    assert set(export.KINDS) == {*REPORT_FORMATS, *MODEL_FORMATS}


@pytest.mark.parametrize(
    ("command", "formats"), [("export", MODEL_FORMATS), ("report", REPORT_FORMATS)]
)
def test_the_command_offers_every_format(command: str, formats: tuple[str, ...]) -> None:
    for name in formats:
        words = [command, "run", "--to", name, "--out", "file"]
        assert parser().parse_args(words).to == name


def test_every_format_has_its_writer() -> None:
    from bear_tui.api import reports
    from bear_tui.engine.inference import export as models

    assert set(models._WRITERS) == set(MODEL_FORMATS)
    assert set(reports._WRITERS) == set(REPORT_FORMATS)
