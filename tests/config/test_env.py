"""A wrong value stops the start with one sentence that says what to write."""

import os
import subprocess
import sys
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from config import backends, env

ROOT = Path(__file__).resolve().parents[2]

WRONG: list[tuple[Callable[[str], Any], str, str]] = [
    (lambda name: env.boolean(name, default=False), "maybe", "true or false"),
    (lambda name: env.integer(name, 60, low=1), "-3", "of at least 1"),
    (lambda name: env.integer(name, 60), "soon", "of at least 0"),
    (lambda name: env.integer(name, 8000, low=1, high=65535), "99999", "from 1 to 65535"),
    (lambda name: env.choice(name, ("json", "lines"), "json"), "xml", "json, lines"),
    (lambda name: env.hosts(name, []), "https://blog.example", "such as blog.example"),
    (env.networks, "my-proxy", "such as 127.0.0.1/32"),
    (env.networks, "10.0.0.1/8", "such as 127.0.0.1/32"),
    (lambda name: env.time_zone(name, "UTC"), "Berlin", "such as Europe/Berlin"),
    (lambda name: env.sender(name, "a@b.example"), "nobody", "such as Heliograph <"),
    (lambda name: env.site_url(name, ""), "blog.example", "https://blog.example"),
    (lambda name: env.site_url(name, ""), "https://blog.example/", "scheme and host only"),
    (lambda name: env.site_url(name, ""), "https://blog.example/blog", "scheme and host only"),
    (lambda name: env.site_url(name, ""), "ftp://blog.example", "https://blog.example"),
    (lambda name: env.site_url(name, ""), "https://me:secret@blog.example", "scheme and host only"),
    (lambda name: env.site_url(name, ""), "http://blog.example:port", "https://blog.example"),
    (lambda name: backends.database(name, ROOT, ROOT), "mysql://host/name", "postgres://"),
    (lambda name: backends.database(name, ROOT, ROOT), "sqlite://:memory:", "sqlite:////"),
    (lambda name: backends.database(name, ROOT, ROOT), "sqlite://", "sqlite:////"),
    (lambda name: backends.database(name, ROOT, ROOT), "postgres://host", "postgres://"),
    (lambda name: backends.cache(name, ROOT), "locmem://", "redis://"),
    (lambda name: backends.cache(name, ROOT), "filecache://cache", "filecache:///"),
    (lambda name: backends.cache(name, ROOT), "redis://", "redis://host"),
    (backends.broker, "kafka://host", "redis://"),
    (backends.cdn, "akamai://token@zone", "cloudflare://TOKEN@ZONE_ID"),
    (backends.cdn, "cloudflare://zone", "cloudflare://TOKEN@ZONE_ID"),
    (backends.cdn, "fastly://token@service:1", "fastly://KEY@SERVICE_ID"),
    (backends.cdn, "fastly://to ken@service", "fastly://KEY@SERVICE_ID"),
    (backends.cdn, "fastly://token@service?maxage=5", "?max_age="),
    (backends.cdn, "fastly://token@service?max_age=soon", "such as 86400"),
    (backends.cdn, "fastly://token@service?max_age=0", "such as 86400"),
    (backends.cdn, "fastly://token@service?api=http://api.example", "https://"),
    (backends.cdn, "fastly://token@service?api=https://me:pw@api.example", "https://"),
    (lambda name: backends.mail(name, ""), "smtp://", "smtp+tls://"),
    (lambda name: backends.mail(name, ""), "mail.example", "smtp+tls://"),
]


@pytest.mark.parametrize(("read", "value", "remedy"), WRONG, ids=[value for _, value, _ in WRONG])
def test_a_wrong_value_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[str], Any], value: str, remedy: str
) -> None:
    monkeypatch.setenv("THE_VARIABLE", value)
    with pytest.raises(env.ConfigurationError) as caught:
        read("THE_VARIABLE")
    sentence = str(caught.value)
    assert sentence.startswith("THE_VARIABLE ")
    assert remedy in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("url", ["mysql://me:hunter2@host/name", "postgres://me:hunter2@host:x/n"])
def test_a_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(env.ConfigurationError) as caught:
        backends.database("DATABASE_URL", ROOT, ROOT)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", [value for read, value, _ in WRONG if read is backends.cdn])
def test_the_token_of_a_cdn_is_not_repeated(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CDN_URL", url.replace("token", "hunter2").replace("to ken", "hunter2 x"))
    with pytest.raises(env.ConfigurationError) as caught:
        backends.cdn("CDN_URL")
    assert "hunter2" not in str(caught.value)


def test_a_cdn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDN_URL", "")
    assert backends.cdn("CDN_URL") is None
    monkeypatch.setenv("CDN_URL", "fastly://k-E_y@SU1Z0isxPaozGVKXdv0eY")
    assert backends.cdn("CDN_URL") == {
        "SERVICE": "fastly",
        "TOKEN": "k-E_y",
        "ID": "SU1Z0isxPaozGVKXdv0eY",
        "API": "https://api.fastly.com",
        "MAX_AGE": 86_400,
    }
    monkeypatch.setenv("CDN_URL", "cloudflare://t@z?max_age=60&api=https://api.example/v5")
    found = backends.cdn("CDN_URL")
    assert found is not None
    assert (found["API"], found["MAX_AGE"]) == ("https://api.example/v5", 60)


def test_a_directory_nobody_may_make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "file" / "data"))
    with pytest.raises(env.ConfigurationError, match="name a directory the site may write to"):
        env.directory("DATA_DIR", tmp_path)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda _package: None)
    monkeypatch.setenv("DATABASE_URL", "postgres://host/name")
    with pytest.raises(env.ConfigurationError, match=r"psycopg.*requirements-scale\.txt"):
        backends.database("DATABASE_URL", ROOT, ROOT)


def test_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FLAG", "NUMBER", "NETWORKS", "HOSTS"):
        monkeypatch.setenv(name, " ")
    assert env.boolean("FLAG", default=True) is True
    assert env.integer("NUMBER", 7) == 7
    assert env.networks("NETWORKS") == []
    assert env.hosts("HOSTS", ["localhost"]) == ["localhost"]


def test_right_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXIES", "127.0.0.1, 10.0.0.0/8 ,")
    assert env.networks("PROXIES") == [ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8")]
    monkeypatch.setenv("SITE_URL", "http://[::1]:8000")
    assert env.site_url("SITE_URL", "") == "http://[::1]:8000"


def test_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///blog.sqlite3")
    assert backends.database("DATABASE_URL", ROOT, ROOT)["NAME"] == ROOT / "blog.sqlite3"
    monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/blog.sqlite3")
    assert backends.database("DATABASE_URL", ROOT, ROOT)["NAME"] == Path("/srv/blog.sqlite3")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:p%40ss@host:5433/blog")
    database = backends.database("DATABASE_URL", ROOT, ROOT)
    assert (database["PASSWORD"], database["PORT"], database["NAME"]) == ("p@ss", 5433, "blog")
    monkeypatch.setenv("CACHE_URL", "redis://host:6379/2")
    assert backends.cache("CACHE_URL", ROOT)["LOCATION"] == "redis://host:6379/2"
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://me:secret@mail.example")
    mail = backends.mail("EMAIL_URL", "")
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"], mail["EMAIL_USE_TLS"]) == (
        "mail.example",
        587,
        True,
    )


def test_the_command_line_shows_the_sentence_and_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ
        | {
            "DATA_DIR": str(tmp_path),
            "DEBUG": "perhaps",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "DEBUG is 'perhaps'; write true or false.\n"
