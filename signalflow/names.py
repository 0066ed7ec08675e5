"""What signals and senders are called."""

import sys
from functools import cache
from typing import Any

from django.db.models import Model
from django.dispatch import Signal


def signal_modules() -> list[str]:
    """Where signals are kept by convention: loaded modules called `signals`, Django's first."""
    names = [name for name in list(sys.modules) if name.rpartition(".")[2] == "signals"]
    return sorted(names, key=lambda name: (not name.startswith("django."), name))


@cache
def signal_name(signal: Signal) -> str:
    """The dotted name a signal is known by; an unnamed one gets its class and id.

    Plain signals do not know their module, so it is looked for.
    """
    home = getattr(signal, "module", "")
    for module in [home] if home else signal_modules():
        for attribute, value in list(vars(sys.modules[module]).items()):
            if value is signal:
                return f"{module}.{attribute}"
    return f"{home or type(signal).__name__}.<unnamed {id(signal):x}>"


def sender_name(sender: Any) -> str:
    """A sender as people name it: "blog.Post", or "any"."""
    if sender is None:
        return "any"
    if isinstance(sender, type) and issubclass(sender, Model):
        return sender._meta.label
    return getattr(sender, "__name__", str(sender))


def reference(row: Model) -> str:
    """How traces name a row: "blog.post:12"."""
    return f"{row._meta.label_lower}:{row.pk}"
