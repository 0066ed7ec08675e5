"""Checks that `manage.py check` runs on a site with stored pages."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register

from pagecache import conf


@register(Tags.caches)
def generations_are_shared(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """Refuse generations of one process where several serve the site."""
    options = conf.options()
    if options.processes == 1 or options.backend != conf.MEMORY:
        return []
    return [
        Error(
            f"{options.processes} processes, but generations for each: what one of them "
            "invalidates, the others go on serving.",
            hint="Set PAGECACHE['BACKEND'] and ['LOCATION'], or make the default cache a "
            "directory or Redis.",
            id="pagecache.E001",
        )
    ]
