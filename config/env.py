"""Read the environment, loudly.

A wrong value stops the start with one sentence: which variable, what is wrong, what to write.
Values are never repeated back where they may hold a password. An empty value means "not set",
because container and service files pass empty strings for variables nobody filled in.
"""

import os
from collections.abc import Collection
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class ConfigurationError(ImproperlyConfigured):
    """A wrong environment variable; the message is one sentence for the operator."""

    def __init__(self, name: str, problem: str, remedy: str) -> None:
        super().__init__(f"{name} {problem}; {remedy}.")


def text(name: str, default: str = "") -> str:
    """The value without surrounding space, or the default where unset or empty."""
    return os.environ.get(name, "").strip() or default


def optional_text(name: str, default: str) -> str:
    """As `text`, where nothing is a value too: the default is for who did not set it at all."""
    return os.environ[name].strip() if name in os.environ else default


def boolean(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        raise ConfigurationError(name, f"is {value!r}", "write true or false")
    return value in TRUE


def integer(name: str, default: int, *, low: int = 0, high: int | None = None) -> int:
    """A whole number from `low` to `high`, both included."""
    value = text(name)
    if not value:
        return default
    limits = f"from {low} to {high}" if high is not None else f"of at least {low}"
    try:
        number = int(value)
    except ValueError:
        raise ConfigurationError(name, f"is {value!r}", f"write a number {limits}") from None
    if number < low or (high is not None and number > high):
        raise ConfigurationError(name, f"is {number}", f"write a number {limits}")
    return number


def choice(name: str, options: Collection[str], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise ConfigurationError(name, f"is {value!r}", f"write one of {', '.join(options)}")
    return value


def items(name: str) -> list[str]:
    """A comma-separated list, without empty items."""
    return [item for part in text(name).split(",") if (item := part.strip())]


def hosts(name: str, default: list[str]) -> list[str]:
    found = items(name) or default
    for host in found:
        if "/" in host:
            remedy = "write host names separated by commas, such as blog.example,www.blog.example"
            raise ConfigurationError(name, f"contains {host!r}", remedy)
    return found


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """A list of networks in CIDR notation; a single address is a network of one."""
    try:
        return [ip_network(item) for item in items(name)]
    except ValueError as error:
        remedy = "write networks separated by commas, such as 127.0.0.1/32,10.0.0.0/8"
        raise ConfigurationError(name, f"is wrong ({error})", remedy) from None


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    if value not in available_timezones():
        raise ConfigurationError(
            name, f"is {value!r}", "write a name of the tz database, such as Europe/Berlin"
        )
    return value


def sender(name: str, default: str) -> str:
    """A From address, with or without a display name."""
    value = text(name, default)
    if "@" not in parseaddr(value)[1]:
        remedy = "write an address such as Heliograph <blog@blog.example>"
        raise ConfigurationError(name, f"is {value!r}", remedy)
    return value


def directory(name: str, default: Path) -> Path:
    """A directory that exists from here on and that this process may write to.

    Made here it is its owner's alone.
    """
    path = Path(text(name, str(default))).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"is {str(path)!r}, which cannot be made ({error.strerror})"
        raise ConfigurationError(name, problem, "name a directory the site may write to") from None
    if not os.access(path, os.W_OK | os.X_OK):
        problem = f"is {str(path)!r}, which this user may not write to"
        raise ConfigurationError(name, problem, "name a directory the site may write to")
    return path


def site_url(name: str, default: str) -> str:
    """The public address of the site: scheme and host, nothing behind them."""
    value = text(name, default)
    parts = split_url(name, value, {"http", "https"}, "https://blog.example")
    if value != f"{parts.scheme}://{parts.netloc}" or not parts.hostname or "@" in parts.netloc:
        remedy = "write scheme and host only, such as https://blog.example"
        raise ConfigurationError(name, f"is {value!r}", remedy)
    return value


def split_url(name: str, value: str, schemes: Collection[str], example: str) -> SplitResult:
    """Take a URL apart, refusing unknown kinds and broken ports."""
    try:
        parts = urlsplit(value)
        _ = parts.port  # parsed, and refused, only when asked for
    except ValueError as error:
        raise ConfigurationError(name, f"is no URL ({error})", f"write {example}") from None
    if parts.scheme not in schemes or not value.startswith(f"{parts.scheme}://"):
        kind = f"is of the unknown kind {parts.scheme!r}" if parts.scheme else "is no URL"
        raise ConfigurationError(name, kind, f"write {example}")
    return parts
