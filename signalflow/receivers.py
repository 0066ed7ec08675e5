"""What the engine itself reacts to."""

from typing import Any

from django.core.signals import setting_changed
from django.dispatch import receiver

from signalflow import conf


@receiver(setting_changed, dispatch_uid="signalflow.reread_options")
def reread_options(setting: str, **kwargs: Any) -> None:
    """Forget the cached options when a test overrides them."""
    if setting in {"SIGNALFLOW", "DEBUG"}:
        conf.options.cache_clear()
