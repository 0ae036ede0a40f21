"""A value that tells its followers when it changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Observable(Generic[T]):
    """Holds a value. Followers are called at once, in the thread that changes it."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._followers: list[Callable[[T], object]] = []

    @property
    def value(self) -> T:
        """Return the value of now."""
        return self._value

    def set(self, value: T) -> None:
        """Change the value; an equal one is no change."""
        if value != self._value:
            self.tell(value)

    def tell(self, value: T) -> None:
        """Change the value and call the followers, also where it is equal to the one before."""
        self._value = value
        for follower in tuple(self._followers):
            follower(value)

    def follow(self, follower: Callable[[T], object]) -> Callable[[], None]:
        """Call `follower` with each new value until the returned function is called."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)
