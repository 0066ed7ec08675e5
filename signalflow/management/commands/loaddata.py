from typing import Any

from django.core.management.commands.loaddata import Command as Loaddata

from signalflow.muting import loading_fixtures


class Command(Loaddata):
    """Django's `loaddata`, with every receiver silent that did not ask for fixtures.

    Model signals say `raw` themselves; `m2m_changed` does not before Django 6, and would
    announce tags as if somebody had just chosen them.
    """

    def handle(self, *args: Any, **options: Any) -> Any:
        with loading_fixtures():
            return super().handle(*args, **options)
