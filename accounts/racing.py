"""Forms that add or change what may be there only once, sent twice at the same moment.

A form asks whether a name is free, and a moment later the database may know better.  Then it is
read once more: what came first is there by now, so the form answers as if it had been sent after.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

T = TypeVar("T")


def once_more(act: Callable[[], T]) -> T:
    """Do it in a transaction, and again if something came before it; raises IntegrityError then."""
    try:
        with transaction.atomic():
            return act()
    except IntegrityError:
        with transaction.atomic():
            return act()


class OnceMore:
    """A mixin before a view with a form; the form is read outside the transaction."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().form_valid(form)  # type: ignore[misc]
        except IntegrityError:
            # Not `get_form`, which allauth makes once.
            again = self.get_form_class()(**self.get_form_kwargs())  # type: ignore[attr-defined]
        if not again.is_valid():
            return self.form_invalid(again)  # type: ignore[attr-defined]
        with transaction.atomic():
            return super().form_valid(again)  # type: ignore[misc]


class OnceMoreAdmin(admin.ModelAdmin):
    """The same for the pages of the admin that add and change."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        page = super().changeform_view
        return once_more(lambda: page(request, object_id, form_url, extra_context))
