"""Querysets that say what they are about when the database is asked."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from blog import topics
from signalflow.guards import GuardedQuerySet

Row = TypeVar("Row", bound=models.Model)


class RecordedQuerySet(GuardedQuerySet[Row]):
    """Notes its topics for the page that is being built, at the moment it reads.

    Without `about` a queryset is about everything it could find (`everything`): a page that
    forgets to be exact is dropped too often, never too late.  Rows note themselves as they are
    loaded (`from_db` of the models); what reads columns instead of rows depends on all rows.
    """

    everything: ClassVar[tuple[str, ...]]  # which rows there are
    every_row: ClassVar[tuple[str, ...]]  # what any of them says
    _about: tuple[str, ...] | None = None

    def about(self, *named: str) -> Self:
        """The same rows, for a reader who knows what decides which ones they are."""
        found = self.all()
        found._about = named
        return found

    def _note(self, *, rows: bool = False) -> None:
        if topics.is_recording():
            topics.read(*(self.everything if self._about is None else self._about))
            if not rows and self._about is None:
                topics.read(*self.every_row)

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]  # Django's stubs leave it out
        copy._about = self._about
        return copy

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            self._note(rows=self._iterable_class is models.query.ModelIterable)
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        self._note(rows=self._iterable_class is models.query.ModelIterable)
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self._note(rows=True)  # which rows there are, not what they say
        return super().count()

    def exists(self) -> bool:
        self._note(rows=True)
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._note()
        return super().aggregate(*args, **kwargs)
