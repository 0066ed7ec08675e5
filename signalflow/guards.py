"""Columns that only a door may write: `update()` sends no signal, so it must not reach them."""

from typing import Any, ClassVar, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


class GuardedField(TypeError):  # noqa: N818 - says what the column is
    """A bulk write to a column whose changes must be announced."""


class GuardedQuerySet(models.QuerySet[Row]):
    """A queryset whose `update` and `bulk_update` refuse the columns named in `guarded`.

    Saving a row stays possible: it sends model signals.  Whoever must write behind the doors
    (a repair, a test) takes `Model._base_manager` and runs `manage.py reconcile` afterwards.
    """

    guarded: ClassVar[frozenset[str]] = frozenset()

    def update(self, **kwargs: Any) -> int:
        names = {self.model._meta.get_field(name).name for name in kwargs if name != "pk"}
        if refused := sorted(names & self.guarded):
            raise GuardedField(
                f"update() sends no signal, so {self.model.__name__}.{', '.join(refused)} may only "
                "be written by a door of its app's services."
            )
        return super().update(**kwargs)
