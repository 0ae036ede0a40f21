import os
import threading
import time
from pathlib import Path

import pytest

from bear_tui.errors import Failure
from bear_tui.run.control import HANDED_OVER, PAUSED, Control, ask


def obey_in_a_thread(control: Control) -> tuple[threading.Thread, list[str]]:
    answers: list[str] = []
    trainer = threading.Thread(target=lambda: answers.append(control.obey()), daemon=True)
    trainer.start()
    return trainer, answers


def test_a_trainer_that_nobody_asked_anything_goes_on() -> None:
    control = Control()
    assert control.obey() == ""
    assert not control.paused


def test_a_trainer_asked_to_stop_is_told_why() -> None:
    control = Control()
    control.stop("you pressed q")
    assert control.obey() == "you pressed q"


def test_a_paused_trainer_waits_until_it_may_go_on() -> None:
    control = Control()
    control.pause()
    assert control.paused
    trainer, answers = obey_in_a_thread(control)
    trainer.join(0.05)
    assert trainer.is_alive()
    control.resume()
    trainer.join(5)
    assert answers == [""]
    assert not control.paused


def test_a_paused_trainer_can_be_stopped() -> None:
    control = Control()
    control.pause()
    trainer, answers = obey_in_a_thread(control)
    control.stop("enough")
    trainer.join(5)
    assert answers == ["enough"]


def test_a_stopping_trainer_is_not_paused_any_more() -> None:
    control = Control()
    control.stop("enough")
    control.pause()
    assert control.obey() == "enough"


def listening(path: Path) -> tuple[Control, list[str]]:
    control, told = Control(), []  # type: ignore[var-annotated]
    control.listen(path, told.append)
    return control, told


def obeyed(control: Control) -> str:
    """What the trainer is told, once it looks at the file again."""
    end = time.monotonic() + 5
    while not (answer := control.obey()) and time.monotonic() < end:
        time.sleep(0.02)
    return answer


def test_another_process_asks_through_the_file(tmp_path: Path) -> None:
    control, _ = listening(tmp_path / "control.jsonl")
    assert control.obey() == "", "no file yet: nobody has asked"
    ask(tmp_path / "control.jsonl", "learning_rate", 0.5)
    ask(tmp_path / "control.jsonl", "epochs", 7)
    ask(tmp_path / "control.jsonl", "stop", "enough")
    assert obeyed(control) == "enough"
    assert control.take_wanted() == {"learning_rate": 0.5, "epochs": 7}
    assert control.take_wanted() == {}, "each wish once"


def test_a_pause_through_the_file_is_told_and_ended_through_it(tmp_path: Path) -> None:
    control, told = listening(tmp_path / "control.jsonl")
    ask(tmp_path / "control.jsonl", "pause")
    trainer, answers = obey_in_a_thread(control)
    time.sleep(0.1)
    assert trainer.is_alive()
    assert told == [PAUSED]
    ask(tmp_path / "control.jsonl", "resume")
    trainer.join(5)
    assert answers == [""]
    assert told == [PAUSED, ""]


def test_damaged_and_unknown_requests_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "control.jsonl"
    path.write_bytes(
        b'\xff\n{}\n[]\n{"request": "explode"}\n{"request": "epochs", "value": "many"}\n'
        b'{"request": "learning_rate"}\n{"request": "stop", "value": 3}\n{"request": "st'
    )
    control, _ = listening(path)
    assert control.obey() == "stopped from elsewhere"
    assert control.take_wanted() == {}


@pytest.mark.parametrize(
    "line",
    [
        *(b'{"request": "epochs", "value": %s}' % value for value in (b"NaN", b"1e400", b"true")),
        *(b'{"request": "epochs", "value": %s}' % value for value in (b"0", b"-1", b"2.5", b"1e9")),
        *(b'{"request": "learning_rate", "value": %s}' % one for one in (b"NaN", b"-Infinity")),
        *(b'{"request": "learning_rate", "value": %s}' % one for one in (b"true", b"0", b"100")),
        b'{"request": "learning_rate", "value": ' + b"9" * 5000 + b"}",
        b'{"request": "learning_rate", "value": "0.1"}',
        b'{"request": ["stop"]}',
        b'{"request": ' + b"[" * 9999 + b"]" * 9999 + b"}",
        b"\xef\xbb\xbf" + b'{"request": "stop"}',
        b"x" * (2 << 20),
    ],
    ids=lambda line: line[:44].decode("latin-1"),
)
def test_a_request_that_cannot_be_is_refused_and_logged_and_the_training_goes_on(
    line: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "control.jsonl"
    path.write_bytes(line + b"\n")
    control, _ = listening(path)
    end = time.monotonic() + 5
    while not caplog.messages and time.monotonic() < end:
        assert control.obey() == ""
        time.sleep(0.02)
    assert caplog.messages
    assert caplog.messages[0].startswith("refused a request: ")
    assert len(caplog.messages[0]) < 500
    assert control.take_wanted() == {}
    ask(path, "epochs", 7.0)
    while not (wanted := control.take_wanted()) and time.monotonic() < end:
        assert control.obey() == ""
        time.sleep(0.02)
    assert wanted == {"epochs": 7.0}


def test_only_a_regular_file_is_listened_to_or_written(tmp_path: Path) -> None:
    other, path = tmp_path / "other", tmp_path / "control.jsonl"
    other.write_bytes(b'{"request": "stop"}\n')
    path.symlink_to(other)
    control, _ = listening(path)
    assert control.obey() == ""
    with pytest.raises(Failure, match=r"control\.jsonl: a link stands where a file"):
        ask(path, "stop")
    assert other.read_bytes() == b'{"request": "stop"}\n'
    path.unlink()
    os.mkfifo(path)
    control, _ = listening(path)
    assert control.obey() == ""
    with pytest.raises(Failure, match=r"control\.jsonl: a FIFO"):
        ask(path, "stop")


def test_a_file_that_was_emptied_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "control.jsonl"
    control, _ = listening(path)
    ask(path, "epochs", 100)
    obeyed_once = time.monotonic() + 5
    while not control.take_wanted() and time.monotonic() < obeyed_once:
        control.obey()
        time.sleep(0.02)
    path.write_bytes(b"")
    ask(path, "stop")
    assert obeyed(control) == "stopped from elsewhere"


def test_a_half_written_request_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "control.jsonl"
    path.write_bytes(b'{"request": "st')
    control, _ = listening(path)
    assert control.obey() == ""
    with path.open("ab") as file:
        file.write(b'op"}\n')
    assert obeyed(control) == "stopped from elsewhere"


def test_a_request_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"control\.jsonl: no such file or folder"):
        ask(tmp_path / "missing" / "control.jsonl", "stop")


def test_a_test_is_asked_for_through_the_file_once(tmp_path: Path) -> None:
    control, _ = listening(tmp_path / "control.jsonl")
    ask(tmp_path / "control.jsonl", "test")
    control.obey()
    assert control.take_early_test()
    assert not control.take_early_test()


def test_of_what_was_asked_during_a_handover_a_stop_alone_is_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "control.jsonl"
    for request, value in (("pause", None), ("epochs", 9.0), ("stop", "enough")):
        ask(path, request, value)
    control = Control()
    control.take_over(path)
    assert not path.exists(), "who asks from now on asks the new trainer"
    control.listen(path, lambda _why: None)
    assert control.take_wanted() == {}, "the trainer before has done it"
    assert control.obey() == "enough"
    Control().take_over(path)


@pytest.mark.parametrize("reasons", [("enough", HANDED_OVER), (HANDED_OVER, "enough")])
def test_a_stop_outweighs_a_handover(reasons: tuple[str, str]) -> None:
    control = Control()
    for reason in reasons:
        control.stop(reason)
    assert control.obey() == "enough"
