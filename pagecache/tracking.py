"""Models and querysets that say more exactly what a page depends on that reads them."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Any, ClassVar, Self, TypeVar

from django.db import models

from pagecache.recording import Declared, declared_reads, depends_on, is_recording

Row = TypeVar("Row", bound=models.Model)


class Tracked:
    """Comes before `models.Model`: each row that is loaded records tags of its own."""

    def cache_tags(self, columns: Collection[str]) -> Iterable[str]:
        """What a page depends on that has loaded these columns of this row."""
        raise NotImplementedError

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **options: Any) -> Self:
        """As Django has it; a page that is being built depends on the row now."""
        row: Self = super().from_db(db, field_names, values, **options)  # type: ignore[misc]
        if is_recording():
            depends_on(*row.cache_tags(field_names))
        return row


def is_tracked(model: type[models.Model]) -> bool:
    """Whether rows of a model say what they are; links between rows go with the model that has
    them.
    """
    owner = model._meta.auto_created or model
    return isinstance(owner, type) and issubclass(owner, Tracked)


class TrackedQuerySet(models.QuerySet[Row, Row]):
    """Records its tags for the page that is being built, at the moment it reads.

    Without `with_cache_tags` a queryset depends on everything it could find (`everything`): a
    page that forgets to be exact is dropped too often, never too late.  Rows record themselves
    as they are loaded (`Tracked`); what reads columns instead of rows depends on all rows.
    """

    everything: ClassVar[tuple[str, ...]]  # which rows there are
    every_row: ClassVar[tuple[str, ...]]  # what any of them says
    _cache_tags: tuple[str, ...] | None = None

    def with_cache_tags(self, *tags: str) -> Self:
        """The same rows, for a reader who knows what decides which ones they are."""
        found = self.all()
        found._cache_tags = tags
        return found

    def _record(self, *, rows: bool = False) -> None:
        if is_recording():
            depends_on(*(self.everything if self._cache_tags is None else self._cache_tags))
            if not rows and self._cache_tags is None:
                depends_on(*self.every_row)

    def _clone(self) -> Self:
        copy: Self = super()._clone()  # type: ignore[misc]  # Django's stubs leave it out
        copy._cache_tags = self._cache_tags
        return copy

    def _fetch_all(self) -> None:
        if self._result_cache is None and is_recording():
            self._record(rows=self._iterable_class is models.query.ModelIterable)
            with declared_reads(Declared.TRACKED):  # and not what is prefetched afterwards
                self._result_cache = [*self._iterable_class(self)]  # type: ignore[misc]
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        rows = super().iterator(*args, **kwargs)
        if not is_recording():
            return rows
        self._record(rows=self._iterable_class is models.query.ModelIterable)
        with declared_reads(Declared.TRACKED):
            first = list(islice(rows, 1))  # the statement is sent here
        return chain(first, rows)

    def count(self) -> int:
        self._record(rows=True)  # which rows there are, not what they say
        with declared_reads(Declared.TRACKED):
            return super().count()

    def exists(self) -> bool:
        self._record(rows=True)
        with declared_reads(Declared.TRACKED):
            return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._record()
        with declared_reads(Declared.TRACKED):
            return super().aggregate(*args, **kwargs)
