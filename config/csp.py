"""The Content-Security-Policy, by the setting of Django 6."""

from collections.abc import Iterable, Mapping

HEADER = "Content-Security-Policy"


def build_policy(directives: Mapping[str, Iterable[str]]) -> str:
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())
