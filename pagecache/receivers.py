"""What the page cache itself reacts to."""

from typing import Any

from django.core.signals import setting_changed
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from pagecache import conf, generations, statements


@receiver(setting_changed, dispatch_uid="pagecache.reread_options")
def reread_options(setting: str, **kwargs: Any) -> None:
    """Forget the cached options when a test overrides them."""
    if setting in {"PAGECACHE", "CACHES"}:
        conf.options.cache_clear()
        generations.generations.cache_clear()


@receiver(connection_created, dispatch_uid="pagecache.observe_statements")
def observe_statements(connection: Any, **kwargs: Any) -> None:
    """See what is read for pages and what is written, in each connection."""
    statements.install(connection)
