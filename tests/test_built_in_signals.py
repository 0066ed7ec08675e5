"""The page about Django's signals leaves none out, and is right about which ones we hear."""

import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.dispatch import Signal

from signalflow.operating import catalogue

PAGE = Path(settings.BASE_DIR) / "docs" / "signals" / "built-in.md"
HEADING = re.compile(r"^## .*?(?:`(django\.[\w.]+)`)?$")
ROW = re.compile(r"^\| `([\w.]+)` \| (Used|Not used)\b(.*) \| (.+) \|$")


@cache
def declared() -> dict[str, Signal]:
    """Every signal Django's modules make.  Only those are imported that could make one."""
    root = Path(django.__path__[0])
    found: dict[int, tuple[str, Signal]] = {}
    for module in pkgutil.walk_packages([str(root)], "django.", onerror=lambda name: None):
        file = root.joinpath(*module.name.split(".")[1:]).with_suffix(".py")
        if not file.exists() or not re.search(r"^\w+ = \w*Signal\(", file.read_text(), re.M):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, Signal):
                found.setdefault(id(value), (f"{module.name}.{name}", value))
    return dict(found.values())


def described() -> dict[str, tuple[bool, str, str]]:
    """What the page says of each: whether it is used, where or why not, and its trap."""
    rows, module = {}, ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := HEADING.match(line):
            module = heading[1] or ""
        elif row := ROW.match(line):
            name = row[1] if "." in row[1] else f"{module}.{row[1]}"
            rows[name] = (row[2] == "Used", row[3], row[4])
    return rows


def test_no_signal_is_left_out_and_none_invented() -> None:
    assert described().keys() == declared().keys()
    assert "django.db.models.signals.m2m_changed" in declared(), "the search finds any"


@pytest.mark.parametrize("name", sorted(declared()))
def test_used_means_that_an_app_of_ours_hears_it(name: str) -> None:
    used, _, trap = described()[name]
    heard = [ear.receiver for ear in catalogue.ears(declared()[name])]
    assert used == bool(heard), f"{name}: {heard or 'nobody'} hears it; correct built-in.md"
    assert len(trap) > 10


def test_the_price_of_init_signals_is_a_ratio() -> None:
    _, why, _ = described()["django.db.models.signals.post_init"]
    assert re.search(r"\d\.\d ×", why)  # noqa: RUF001 - the sign for "times"
