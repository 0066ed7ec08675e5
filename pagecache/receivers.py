"""What the page cache itself reacts to."""

from typing import Any

from django.core.signals import setting_changed
from django.dispatch import receiver

from pagecache import conf, generations


@receiver(setting_changed, dispatch_uid="pagecache.reread_options")
def reread_options(setting: str, **kwargs: Any) -> None:
    """Forget the cached options when a test overrides them."""
    if setting in {"PAGECACHE", "CACHES"}:
        conf.options.cache_clear()
        generations.generations.cache_clear()
