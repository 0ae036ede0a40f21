"""The GPUs beside a training: what is said of them, how often they are asked, and silence.

No card is in the machine that runs these tests: the driver's own answers were never seen.
"""

import threading
from pathlib import Path

import pytest

from bear_tui.tui.app import BearApp
from bear_tui.tui.screens.train import TrainScreen
from bear_tui.tui.session import gpu
from bear_tui.tui.session.gpu import Gpu, GpuWatch, read_gpus
from bear_tui.tui.widgets.gpu_panel import gpu_lines
from tests.tui import scripted
from tests.tui.app_screen import shown, until
from tests.tui.test_train_screen import RECIPE, stop

CARD = Gpu(0, "NVIDIA H100 80GB HBM3", 0.83, int(6.2 * 2**30), 80 * 2**30, 61, 310.4)


@pytest.mark.parametrize("width", [60, 78, 118, 198])
def test_a_line_has_all_with_units_and_fits(width: int) -> None:
    line = gpu_lines([CARD], width)
    assert line.cell_length <= width + 4
    for part in ("GPU 0", "83%", "6.2 of 80 GB", "61 °C", "310 W"):
        assert part in line.plain


def test_what_a_card_does_not_tell_is_left_out() -> None:
    line = gpu_lines([Gpu(1, "A100 MIG", None, 0, 2**30)], 78).plain
    assert "load unknown" in line
    assert "°C" not in line
    assert " W" not in line


def test_several_cards_stand_below_each_other_and_of_many_the_busiest() -> None:
    cards = [Gpu(n, "NVIDIA L4", n / 10, n * 2**30, 24 * 2**30, 40, 70.0) for n in range(6)]
    lines = gpu_lines(cards[:2], 78).plain.split("\n")
    assert [line[:5] for line in lines] == ["GPU 0", "GPU 1"]
    assert lines[0].index("°C") == lines[1].index("°C")
    uneven = [
        Gpu(n, "L4", 0.5, int(gb * 2**30), 80 * 2**30, 40, 70.0) for n, gb in ((0, 9.8), (1, 12))
    ]
    lines = gpu_lines(uneven, 78).plain.split("\n")
    assert lines[0].index("°C") == lines[1].index("°C"), "numbers stand at the right"
    many = gpu_lines(cards, 78).plain.split("\n")
    assert [line[:5] for line in many[:-1]] == ["GPU 2", "GPU 3", "GPU 4", "GPU 5"]
    assert many[-1] == "and 2 less busy"


def test_a_hostile_name_is_shown_literally() -> None:
    assert "\x1b" not in gpu_lines([Gpu(0, "a\x1b[2J[red]", 0.1, 0, 2**30)], 78).plain


def test_the_driver_is_asked_once_a_second_and_never_waited_for() -> None:
    now, gate, asked = [0.0], threading.Event(), []

    def read() -> tuple[Gpu, ...]:
        asked.append(now[0])
        gate.wait(10)
        return (CARD,)

    watch = GpuWatch(read, lambda: now[0])
    assert watch.look() == ()
    now[0] = 5.0
    assert watch.look() == (), "the first answer is not there yet, and is not asked for twice"
    gate.set()
    assert watch._thread is not None
    watch._thread.join()
    assert asked == [0.0]
    assert watch.look() == (CARD,)
    watch._thread.join()
    now[0] = 5.9
    watch.look()
    assert asked == [0.0, 5.0]


def test_a_machine_without_a_card_is_asked_once() -> None:
    now, asked = [0.0], []

    def read() -> tuple[Gpu, ...]:
        asked.append(now[0])
        return ()

    watch = GpuWatch(read, lambda: now[0])
    for second in range(5):
        now[0] = float(second)
        assert watch.look() == ()
        assert watch._thread is not None
        watch._thread.join()
    assert asked == [0.0]


@pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="there is a driver here")
def test_without_a_driver_there_is_nothing_to_tell() -> None:
    import pynvml

    with pytest.raises(pynvml.NVMLError):
        pynvml.nvmlInit()
    assert read_gpus() == ()


async def test_the_lines_are_there_with_a_card_and_hidden_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not read_gpus():
        app = BearApp(runs=tmp_path / "a", fit=scripted.fit_of(scripted.running(), hold=True))
        async with app.run_test(size=(80, 24)) as pilot:
            app.training.start(RECIPE)
            await until(pilot, lambda: "● running" in shown(app))
            await pilot.pause(0.3)
            assert isinstance(app.screen, TrainScreen)
            assert not app.screen.query_one("#gpus").display
            stop(app)
    monkeypatch.setattr(gpu, "read_gpus", lambda: (CARD,))
    app = BearApp(runs=tmp_path / "b", fit=scripted.fit_of(scripted.running(), hold=True))
    async with app.run_test(size=(80, 24)) as pilot:
        app.training.start(RECIPE)
        await until(pilot, lambda: "6.2 of 80 GB" in shown(app))
        stop(app)
