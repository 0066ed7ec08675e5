"""The services a site stands on, each named by one URL: database, cache, broker, mail, CDN."""

import re
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl

from environ import Env

from config import sqlite
from config.env import ConfigurationError, split_url, text

# What a kind of service needs installed beside the base requirements.
DRIVERS = {
    "postgres": "psycopg",
    "postgresql": "psycopg",
    "redis": "redis",
    "rediss": "redis",
}

# Seconds a connection is kept for the next request.  Opening one takes PostgreSQL several
# milliseconds, and SQLite one: it reads the schema anew.
CONNECTION_AGE = 600

# Old entries are culled by listing the directory at every write, so it must stay small.
FILE_CACHE_ENTRIES = 4_000

CACHE_TIMEOUT = 2  # seconds until a silent Redis counts as down

MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
MAIL_TIMEOUT = 10  # seconds until a silent mail server counts as down

CDN_APIS = {
    "cloudflare": "https://api.cloudflare.com/client/v4",
    "fastly": "https://api.fastly.com",
}
# Read as a whole: an identifier may be case-sensitive, which a host is not, and a library's
# complaint about a part would repeat the token.
CDN_URL = re.compile(
    r"(?P<service>\w+)://(?P<token>[\w.~+=-]+)@(?P<id>[\w-]+)/?(?:\?(?P<options>[!-~]+))?", re.ASCII
)
# The token goes along with each call: encrypted, or to this machine.
CDN_API = re.compile(
    r"(https://[\w.-]+(:\d+)?|http://(127\.0\.0\.1|localhost):\d+)(/[\w./~-]*)?", re.ASCII
)
CDN_AGE = re.compile(r"[1-9][0-9]{0,7}")
CDN_MAX_AGE = "86400"  # seconds after which a page whose purge was lost is asked for anew


def database(name: str, default: Path, base: Path) -> dict[str, Any]:
    """One entry for DATABASES; a relative SQLite path is read from `base`."""
    value = text(name, f"sqlite:///{default}")
    example = "postgres://user:password@host/name or sqlite:////var/lib/heliograph/blog.sqlite3"
    parts = _service(name, value, {"sqlite", "postgres", "postgresql"}, example)
    if not parts.path.strip("/") or (parts.scheme == "sqlite" and parts.netloc):
        # This refuses in-memory databases too: each process would have another one.
        raise ConfigurationError(name, "names no database", f"write {example}")
    config: dict[str, Any] = Env.db_url_config(value)
    if parts.scheme == "sqlite":
        options = sqlite.options(sqlite.linked_version())
        kept = {"CONN_MAX_AGE": CONNECTION_AGE}
        return kept | config | {"NAME": base / config["NAME"], "OPTIONS": options}
    return {"CONN_MAX_AGE": CONNECTION_AGE, "CONN_HEALTH_CHECKS": True} | config


def file_of(configuration: dict[str, Any]) -> Path | None:
    """The file of an entry for DATABASES, None for a server."""
    is_file = configuration["ENGINE"].endswith("sqlite3")
    return Path(configuration["NAME"]) if is_file else None


def cache(name: str, default: Path) -> dict[str, Any]:
    """One entry for CACHES: a directory or Redis, both shared by all processes of the site.

    Rate limits and cache generations need that; a cache inside each process would answer with
    stale pages as soon as two processes run.
    """
    value = text(name, f"filecache://{default}")
    example = "redis://host:6379/0 or filecache:///var/lib/heliograph/cache"
    parts = _service(name, value, {"filecache", "redis", "rediss"}, example)
    if parts.scheme == "filecache":
        return _file_cache(name, parts, example)
    if not parts.hostname:
        raise ConfigurationError(name, "names no host", f"write {example}")
    redis = "config.rediscache.RedisCache"
    config: dict[str, Any] = Env.cache_url_config(value, backend=redis)
    options: dict[str, Any] = {
        "socket_timeout": CACHE_TIMEOUT,
        "socket_connect_timeout": CACHE_TIMEOUT,
    }
    options |= config.pop("OPTIONS", {})
    return {"KEY_PREFIX": "heliograph"} | config | {"OPTIONS": options}


def broker(name: str) -> str:
    """The address of Celery's broker, or nothing where the site runs without Celery."""
    value = text(name)
    if value:
        example = "redis://host:6379/1 or amqp://user:password@host"
        _service(name, value, {"redis", "rediss", "amqp", "amqps"}, example)
        _require(name, "celery")
    return value


def mail(name: str, default: str) -> dict[str, Any]:
    """The EMAIL_* settings."""
    value = text(name, default)
    example = "smtp+tls://user:password@host:587, smtp+ssl://user:password@host or consolemail://"
    parts = _service(name, value, {*MAIL_PORTS, "consolemail"}, example)
    if parts.scheme == "consolemail":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if not parts.hostname:
        raise ConfigurationError(name, "names no mail server", f"write {example}")
    config: dict[str, Any] = Env.email_url_config(value)
    return config | {
        "EMAIL_PORT": parts.port or MAIL_PORTS[parts.scheme],
        "EMAIL_TIMEOUT": MAIL_TIMEOUT,
    }


def cdn(name: str) -> dict[str, Any] | None:
    """The CDN in front of the site, None where there is none."""
    value = text(name)
    if not value:
        return None
    remedy = "write cloudflare://TOKEN@ZONE_ID or fastly://KEY@SERVICE_ID"
    parts = CDN_URL.fullmatch(value)
    if parts is None or parts["service"] not in CDN_APIS:
        raise ConfigurationError(name, "is not the address of a CDN we know", remedy)
    options = {"api": CDN_APIS[parts["service"]], "max_age": CDN_MAX_AGE}
    given = dict(parse_qsl(parts["options"] or "", keep_blank_values=True))
    if given.keys() - options.keys():
        raise ConfigurationError(
            name, "has an unknown option", f"{remedy}, with ?api= or ?max_age="
        )
    options |= given
    if not CDN_AGE.fullmatch(options["max_age"]):
        raise ConfigurationError(name, "has a wrong max_age", "write seconds, such as 86400")
    if not CDN_API.fullmatch(options["api"]):
        remedy = "write an address that begins with https://"
        raise ConfigurationError(name, "has a wrong api", remedy)
    return {
        "SERVICE": parts["service"],
        "TOKEN": parts["token"],
        "ID": parts["id"],
        "API": options["api"],
        "MAX_AGE": int(options["max_age"]),
    }


def _file_cache(name: str, parts: SplitResult, example: str) -> dict[str, Any]:
    if parts.netloc or not parts.path.strip("/"):
        raise ConfigurationError(name, "names no absolute directory", f"write {example}")
    return {
        "BACKEND": "config.filecache.FileCache",
        "LOCATION": parts.path,
        "OPTIONS": {"MAX_ENTRIES": FILE_CACHE_ENTRIES},
    }


def _service(name: str, value: str, schemes: Collection[str], example: str) -> SplitResult:
    parts = split_url(name, value, schemes, example)
    if parts.scheme in DRIVERS:
        _require(name, DRIVERS[parts.scheme])
    return parts


def _require(name: str, package: str) -> None:
    if find_spec(package) is None:
        problem = f"needs the package {package}, which is not installed"
        raise ConfigurationError(name, problem, "run pip install -r requirements-scale.txt")
