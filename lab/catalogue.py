"""What a trap is: two forms of one thing, and what each is known to do."""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from lab.stage import Seen, perform

Form = Callable[[], Any]


@dataclass(frozen=True)
class Side:
    """One form of a trap, with the observation it must end in."""

    name: str  # "naive" or "ours"
    form: Form
    expected: Any

    @cached_property
    def source(self) -> str:
        """The very code that runs, so that page and documentation cannot drift from it."""
        text = textwrap.dedent(inspect.getsource(self.form))
        return text.removeprefix("@staticmethod\n").strip()

    @cached_property
    def coloured(self) -> SafeString:
        """The source as HTML, coloured as code in posts is."""
        from pygments import formatters, highlight, lexers  # noqa: PLC0415 - for this page alone

        plain = formatters.HtmlFormatter(nowrap=True)
        return mark_safe(highlight(self.source, lexers.PythonLexer(), plain))  # noqa: S308 - Pygments escapes

    @property
    def shown(self) -> str:
        """The expected observation as it would be written in Python."""
        return repr(self.expected)


@dataclass(frozen=True)
class Outcome:
    """A form that was run, beside what it was expected to show."""

    side: Side
    seen: Seen

    @property
    def shown(self) -> str:
        """The observation as it would be written in Python."""
        return repr(self.seen.value)

    @property
    def as_described(self) -> bool:
        """Whether the run confirms the description."""
        return not self.seen.error and self.seen.value == self.side.expected

    @property
    def verdict(self) -> str:
        """The outcome in a sentence."""
        if not self.as_described:
            return "Not as described here."
        if self.side.name == "naive":
            return "The naive form failed as described."
        return "Ours held."


@dataclass(frozen=True)
class Trap:
    """A way to be hurt by Django's signals.  `asked` is the question both forms answer."""

    title: str
    behaviours: tuple[int, ...]
    says: str
    asked: str
    naive: Side
    ours: Side

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return slugify(self.title)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both forms, the naive one first."""
        return self.naive, self.ours

    def run(self) -> list[Outcome]:
        """Try both forms, each by itself."""
        return [Outcome(side, perform(side.form)) for side in self.sides]


@dataclass(frozen=True)
class Told:
    """A trap that no rolled-back transaction can show; `test` is the one that executes it."""

    title: str
    behaviours: tuple[int, ...]
    naive: str
    ours: str
    test: str


@dataclass(frozen=True)
class Group:
    """Traps of one kind."""

    title: str
    traps: tuple[Trap, ...]


def group(title: str, *described: type[Any]) -> Group:
    """Traps of one kind, in the order they are met.

    Each class describes one: its docstring, `title`, the numbers of the `behaviours` it would
    break, what is `asked`, and the forms `naive` and `ours` with what each of them `…_gives`.
    """
    return Group(title, tuple(map(_trap, described)))


def _trap(described: type[Any]) -> Trap:
    return Trap(
        title=described.title,
        behaviours=described.behaviours,
        says=" ".join((described.__doc__ or "").split()),
        asked=described.asked,
        naive=Side("naive", described.naive, described.naive_gives),
        ours=Side("ours", described.ours, described.ours_gives),
    )
