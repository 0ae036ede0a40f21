import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import torch

from bear_tui.engine.inputs.prefetch import Prefetcher, thread_for


class Kitchen:
    """Doubles numbers, and tells how often, in which threads, and how many at a time."""

    def __init__(self) -> None:
        self.made: list[tuple[int, str]] = []
        self.at_once = self.most_at_once = 0
        self.open = threading.Event()
        self.open.set()

    def make(self, number: int) -> int:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.open.wait(10)
        self.made.append((number, threading.current_thread().name))
        self.at_once -= 1
        if number < 0:
            raise ValueError(number)
        return 2 * number


def test_what_was_begun_is_made_once_by_the_thread() -> None:
    kitchen = Kitchen()
    with closing(Prefetcher(kitchen.make, ThreadPoolExecutor(1, "ahead"))) as upcoming:
        upcoming.begin(3)
        assert upcoming.take(3) == 6
        assert upcoming.take(4) == 8
    (begun, asked) = kitchen.made
    assert begun == (3, "ahead_0")
    assert asked == (4, threading.current_thread().name)


def test_another_question_waits_for_what_was_begun_and_is_answered() -> None:
    kitchen = Kitchen()
    kitchen.open.clear()
    with closing(Prefetcher(kitchen.make, ThreadPoolExecutor(1))) as upcoming:
        upcoming.begin(3)
        timer = threading.Timer(0.2, kitchen.open.set)
        timer.start()
        assert upcoming.take(5) == 10
        timer.join()
    assert [number for number, _ in kitchen.made] == [3, 5]
    assert kitchen.most_at_once == 1


def test_what_goes_wrong_ahead_is_raised_where_it_is_asked_for_and_can_be_tried_again() -> None:
    kitchen = Kitchen()
    with closing(Prefetcher(kitchen.make, ThreadPoolExecutor(1))) as upcoming:
        upcoming.begin(-1)
        with pytest.raises(ValueError, match="-1"):
            upcoming.take(-1)
        with pytest.raises(ValueError, match="-1"):
            upcoming.take(-1)
        assert upcoming.take(1) == 2
    assert len(kitchen.made) == 3


def test_a_cpu_makes_nothing_ahead() -> None:
    kitchen = Kitchen()
    with closing(Prefetcher(kitchen.make, thread_for(torch.device("cpu")))) as upcoming:
        upcoming.begin(3)
        assert kitchen.made == []
        assert upcoming.take(3) == 6
    assert len(kitchen.made) == 1
