"""No address that can be typed into a form leads into the machine's own network."""

from ipaddress import ip_network
from threading import Event

import pytest

from listeners.webhooks import addresses
from listeners.webhooks.addresses import Forbidden, NotSent, is_allowed, parse, resolve
from listeners.webhooks.outbound import post

PRIVATE = [
    "0.0.0.0",  # noqa: S104 - never bound to
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",  # IPv4-compatible
    "::ffff:10.0.0.1",  # IPv4-mapped
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]

# As they may be typed; the resolver of the system knows them all.
SPELLINGS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://localhost/",
    "http://LOCALHOST:8000/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "https://127.0.0.1/",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_never_called(address) -> None:
    assert not is_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_leads_inside(url) -> None:
    with pytest.raises(NotSent):
        post(url, b"{}", {})


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://example.org/", "https:// or http://"),
        ("file:///etc/passwd", "https:// or http://"),
        ("gopher://example.org/", "https:// or http://"),
        ("example.org/hook", "https:// or http://"),
        ("https://me@example.org/", "user name or a password"),
        ("https://me:secret@example.org/", "user name or a password"),
        ("https://example.org\\@127.0.0.1/", "user name or a password"),
        ("https:///hook", "names no host"),
        ("https://exa_m ple.org/", "spaces or control characters"),
        ("https://example.org/\r\nX: y", "spaces or control characters"),
        ("https://example.org:25/", "Port 25"),
        ("https://example.org:0/", "Port 0"),
        ("https://example.org:99999/", "no address of a web server"),
        ("https://[::1/", "no address of a web server"),
    ],
)
def test_what_is_no_plain_address_is_refused_with_a_sentence(url, told) -> None:
    with pytest.raises(Forbidden, match=told):
        parse(url)


def test_an_address_in_any_script_is_called_in_ascii() -> None:
    target = parse("https://bücher.example/höhe?q=ü#part")
    assert (target.host, target.port) == ("xn--bcher-kva.example", 443)
    assert target.path == "/h%C3%B6he?q=%C3%BC"
    assert target.authority == "xn--bcher-kva.example"
    assert parse("http://[2606:4700::1111]:8080").authority == "[2606:4700::1111]:8080"


def test_a_name_of_a_private_address_is_refused(names) -> None:
    asked = names("10.0.0.5")
    with pytest.raises(Forbidden, match=r"hook\.example is at 10\.0\.0\.5, which is not on the"):
        resolve(parse("https://hook.example/"), 5)
    assert asked == ["hook.example"]


def test_one_private_address_among_public_ones_is_enough(monkeypatch) -> None:
    found = [(2, 1, 6, "", (address, 443)) for address in ("8.8.8.8", "192.168.0.1")]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Forbidden):
        resolve(parse("https://hook.example/"), 5)


def test_a_network_the_operator_named_may_be_called(settings) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = [ip_network("10.0.0.0/8")]
    assert is_allowed("10.1.2.3")
    assert is_allowed("::ffff:10.1.2.3")
    assert not is_allowed("192.168.0.1")


def test_a_name_server_that_is_silent_holds_nobody(monkeypatch) -> None:
    answered = Event()
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: answered.wait(30))
    with pytest.raises(NotSent, match="did not say in time"):
        resolve(parse("https://hook.example/"), 0.05)
    answered.set()


def test_no_name_at_all_is_told(monkeypatch) -> None:
    def unknown(*args, **kwargs):
        raise OSError(-2, "Name or service not known")

    monkeypatch.setattr(addresses.socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent, match=r"There is no host hook\.example"):
        resolve(parse("https://hook.example/"), 5)


def test_another_answer_a_moment_later_changes_nothing(peers, settings, names) -> None:
    """DNS rebinding: allowed when it was checked, inside when it is connected to."""
    settings.WEBHOOK_PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    outside, inside = peers(), peers(host="127.0.0.2")
    asked = names("127.0.0.1", "127.0.0.2")
    url = f"http://hook.example:{outside.port}/"
    assert post(url, b"{}", {}).status == 200
    assert asked == ["hook.example"], "the name is asked for once"
    assert outside.requests[0].headers["host"] == f"hook.example:{outside.port}"
    with pytest.raises(Forbidden):
        post(f"http://hook.example:{inside.port}/", b"{}", {})
    assert inside.requests == []
