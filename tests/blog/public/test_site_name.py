"""A site of any name, with a line below it or none."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from blog.templatetags.reading import name_size


@pytest.mark.parametrize(("typed", "shown"), [("", ""), ("  ", ""), ("Mine", "Mine"), (None, "W")])
def test_no_tagline_is_a_choice(typed, shown, tmp_path) -> None:
    """In a process of its own, as settings are read at its start."""
    env = {name: value for name, value in os.environ.items() if name != "SITE_TAGLINE"}
    env |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    env |= {} if typed is None else {"SITE_TAGLINE": typed}
    ask = "from django.conf import settings; print(settings.SITE_TAGLINE)"
    command = [sys.executable, "-c", ask]
    answer = subprocess.run(
        command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert answer[:1] == "W" if typed is None else answer == shown


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Heliograph", "name-short"),
        ("", "name-short"),
        ("Notes from the northern coast", "name-middle"),
        ("Schifffahrtsamt", "name-middle"),
        ("Donaudampfschifffahrtsgesellschaft", "name-long"),
        ("The Society for Lights " * 5, "name-long"),
        ("灯台と信号の会", "name-middle"),
        ("灯台と信号の観察のための協会", "name-long"),
    ],
)
def test_a_name_steps_down_by_its_width(name, size) -> None:
    assert name_size(name) == size


@pytest.mark.django_db
def test_the_name_has_its_size_in_masthead_and_header(monkeypatch) -> None:
    monkeypatch.setattr(settings, "SITE_NAME", "The Society for Lights " * 5)
    monkeypatch.setattr(settings, "SITE_TAGLINE", "")
    home = Client().get("/").content.decode()
    assert '<h1 dir="auto" class="name-long">' in home
    assert '<meta name="description" content="">' not in home
    assert home.count("name-long") == 2
    assert 'class="logo-name name-long"' in Client().get("/nothing/").content.decode()
