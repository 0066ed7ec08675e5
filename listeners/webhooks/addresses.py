"""Where a call may go: to the public internet, and into networks the operator has named.

An address typed into a form must not become a way into the machine's own network (server-side
request forgery).  So a host name is resolved once, every address it has must be allowed, and the
caller connects to exactly these: a name server that answers differently a moment later (DNS
rebinding) changes nothing.
"""

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

WEB_PORTS = {"http": 80, "https": 443}
UNPRIVILEGED = 1024
HOST = re.compile(r"[0-9a-z._:-]+")

NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
GLOBAL_UNICAST = ip_network("2000::/3")  # all of IPv6 that IANA has given out for it
# Special purposes (RFC 6890 and its registry) that `is_global` of a supported Python lets pass:
# protocol assignments, relays, tunnels with an IPv4 address inside, documentation.
SPECIAL = [
    ip_network(block)
    for block in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
]

Address = tuple[socket.AddressFamily, Any]


class NotSent(Exception):  # noqa: N818 - says what is the case
    """Nothing of the call has left this machine; the text says why."""


class Forbidden(NotSent):
    """An address that is never called."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart, with everything the request needs in ASCII."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == WEB_PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Take a URL apart.  Raises Forbidden for what is no plain http(s) address."""
    if any(sign <= " " or sign == "\x7f" for sign in url):
        raise Forbidden("The address contains spaces or control characters.")
    try:
        parts = urlsplit(url)
        host = _ascii(parts.hostname or "")
        port = parts.port
    except ValueError:
        raise Forbidden("This is no address of a web server.") from None
    if parts.scheme not in WEB_PORTS:
        raise Forbidden("Only addresses that begin with https:// or http:// can be called.")
    if "@" in parts.netloc:
        raise Forbidden("The address must not contain a user name or a password.")
    if not HOST.fullmatch(host):
        raise Forbidden("The address names no host.")
    return Target(parts.scheme, host, _allowed(port, parts.scheme), _path(parts))


def _ascii(host: str) -> str:
    """A host name as name servers know it; UnicodeError, a ValueError, if it cannot be one."""
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _allowed(port: int | None, scheme: str) -> int:
    """No port of mail, shells and the like: a POST can be read there as their own language."""
    number = WEB_PORTS[scheme] if port is None else port
    if number < UNPRIVILEGED and number not in WEB_PORTS.values():
        raise Forbidden(f"Port {number} is no web server's; use 80, 443, or one from 1024 on.")
    return number


def _path(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return iri_to_uri((parts.path or "/") + query)


def resolve(target: Target, seconds: float) -> list[Address]:
    """Every address of the host, each one allowed: what to connect to, without asking again.

    Raises Forbidden if any of them is not, NotSent if there is none within so many seconds.
    """
    addresses = list(dict.fromkeys(_look_up(target, seconds)))
    for _, sockaddr in addresses:
        if not is_allowed(sockaddr[0]):
            raise Forbidden(
                f"{target.host} is at {sockaddr[0]}, which is not on the public internet."
            )
    return addresses


def is_allowed(text: str) -> bool:
    """Whether a numeric address is public, or in a network the operator has named."""
    address = _unwrapped(ip_address(text.partition("%")[0]))
    if any(address in network for network in settings.WEBHOOK_PRIVATE_NETWORKS):
        return True
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    special = address.is_multicast or any(address in network for network in SPECIAL)
    return address.is_global and not special


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that packets to an IPv4-mapped or NAT64 address end at."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address


def _look_up(target: Target, seconds: float) -> list[Address]:
    """Ask the system's resolver, which knows no time limit: so it is asked from a thread."""
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0.0))
    except Empty:
        raise NotSent(f"The name servers did not say in time where {target.host} is.") from None
    if isinstance(answer, Exception) or not answer:
        raise NotSent(f"There is no host {target.host}, or the name servers do not answer.")
    return [(family, sockaddr) for family, _, _, _, sockaddr in answer]
