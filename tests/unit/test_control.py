import threading

from bear_tui.run.control import Control


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
