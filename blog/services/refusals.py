"""Why a door stays shut."""

from blog.models import Post


class Refused(Exception):  # noqa: N818 - an answer for a person, not a failure
    """An act that is not possible now; `sentences` tell a person why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = list(sentences)


class StaleVersion(Refused):
    """The post was saved by somebody else meanwhile; `current` is what it is now."""

    def __init__(self, current: Post) -> None:
        super().__init__(
            "This post was saved in another window or by somebody else since you opened it."
        )
        self.current = current
