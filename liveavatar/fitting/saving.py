"""What follows when the user settles a character on a page: its package is made, or they try again."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from liveavatar.avatar.card import Avatar
from liveavatar.errors import LiveAvatarError

T = TypeVar("T", covariant=True)
Chosen = TypeVar("Chosen")


class Page(Protocol[T]):
    """The part of a page that this needs."""

    stopped: bool
    """The user has stopped the making on the page."""

    def wait(self) -> T | None:
        """What is settled; None where the user gives up."""
        ...

    def go_on(self, error: str) -> None:
        """Let them try again; error: why."""
        ...


def saved(page: Page[Chosen], save: Callable[[Chosen], Avatar], say: Callable[[str], None]) -> Avatar | None:
    """The avatar that is made of what the user settles on a page; None where they give up.

    save: may raise LiveAvatarError, OSError, and KeyboardInterrupt where the user stops it on the page; then they go on."""
    while (chosen := page.wait()) is not None:
        try:
            return save(chosen)
        except KeyboardInterrupt:
            if not page.stopped:
                raise
            page.go_on("")
        except (LiveAvatarError, OSError) as error:  # the user's work must not be lost with a full disk
            reason = str(error) if isinstance(error, LiveAvatarError) else error.strerror or str(error)
            say(reason)
            page.go_on(reason)
    return None
