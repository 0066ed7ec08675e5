"""What signals and senders are called."""

import sys
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.dispatch import Signal


def signal_modules() -> list[str]:
    """Where signals are kept by convention: loaded modules called `signals`, Django's first."""
    names = [name for name in list(sys.modules) if name.rpartition(".")[2] == "signals"]
    return sorted(names, key=lambda name: (not name.startswith("django."), name))


def labelled(module: str) -> str:
    """A module's dotted name, beginning with the label of its app wherever the app's folder lies.

    Stored names are made of it: like a table, what is stored outlives a folder that moves.
    Raises AppRegistryNotReady before there are apps.
    """
    app = apps.get_containing_app_config(module)
    return module if app is None else app.label + module.removeprefix(app.name)


@cache
def definition_of(signal: Signal) -> tuple[str, str]:
    """The module a signal is defined in, and its name there; an unnamed one gets class and id.

    Plain signals do not know their module, so it is looked for.
    """
    home = getattr(signal, "module", "")
    for module in [home] if home else signal_modules():
        for attribute, value in list(vars(sys.modules[module]).items()):
            if value is signal:
                return module, attribute
    return home or type(signal).__name__, f"<unnamed {id(signal):x}>"


@cache
def signal_name(signal: Signal) -> str:
    """The dotted name a signal is known by, such as "blog.signals.post_published".

    Django's own keep the module they are imported from.
    """
    module, attribute = definition_of(signal)
    declared = getattr(signal, "module", "")
    return f"{labelled(module) if declared else module}.{attribute}"


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
