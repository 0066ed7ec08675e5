"""Whatever a server does, a request is over in time and has read only so much."""

import ssl
import subprocess
import time
from http.server import BaseHTTPRequestHandler
from shutil import which

import pytest

from listeners.webhooks import outbound
from listeners.webhooks.addresses import NotSent
from listeners.webhooks.outbound import NoAnswer, post


@pytest.fixture
def hasty(monkeypatch) -> None:
    """The same limit, shorter, so that nobody waits for the test."""
    monkeypatch.setattr(outbound, "DEADLINE", 0.6)


def drip(handler: BaseHTTPRequestHandler, text: bytes) -> None:
    """One byte at a time: each comes well before any timeout of a single read."""
    for number in range(200):
        try:
            handler.wfile.write(text[number % len(text) :][:1])
        except OSError:
            return
        time.sleep(0.05)


def test_an_answer_is_read_in_one_line(peer) -> None:
    def greet(handler) -> None:
        handler.send_response(201)
        handler.end_headers()
        handler.wfile.write("took\x00 it\n\x1b[31m é \udcff".encode("utf-8", "surrogateescape"))

    peer.answer = greet
    answer = post(peer.url, b"{}", {"webhook-id": "msg_1"})
    assert (answer.status, answer.excerpt) == (201, "took it [31m é �")
    assert peer.requests[0].body == b"{}"
    assert peer.requests[0].headers["webhook-id"] == "msg_1"


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\nX-Long: "], ids=["status", "header"])
def test_a_server_that_drips_is_cut_off(peer, hasty, begin) -> None:
    def answer(handler) -> None:
        handler.wfile.write(begin)
        drip(handler, b"H")

    peer.answer = answer
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="did not answer in"):
        post(peer.url, b"{}", {})
    assert time.monotonic() - began < 2


def test_a_body_that_drips_costs_time_but_not_the_answer(peer, hasty) -> None:
    def answer(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        drip(handler, b"x")

    peer.answer = answer
    began = time.monotonic()
    assert post(peer.url, b"{}", {}).status == 200
    assert time.monotonic() - began < 2


def test_a_silent_server_is_cut_off(peer, hasty) -> None:
    peer.answer = lambda handler: time.sleep(1)
    with pytest.raises(NoAnswer, match="did not answer in"):
        post(peer.url, b"{}", {})


def test_of_a_huge_answer_only_the_beginning_is_read(peer) -> None:
    sent = []

    def flood(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(2000):
                sent.append(handler.wfile.write(b"x" * 65536))
        except OSError:
            return

    peer.answer = flood
    answer = post(peer.url, b"{}", {})
    assert answer.status == 200
    assert answer.excerpt == "x" * 500
    assert len(sent) < 2000, "the connection was closed meanwhile"


def test_headers_without_end_are_no_answer(peer) -> None:
    def flood(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            for number in range(90):
                handler.wfile.write(b"X-%d: %s\r\n" % (number, b"y" * 1000))
        except OSError:
            return

    peer.answer = flood
    with pytest.raises(NoAnswer):
        post(peer.url, b"{}", {})


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 ever so OK\r\n\r\n"]
)
def test_what_is_no_answer_is_said_to_be_none(peer, answer) -> None:
    peer.answer = lambda handler: handler.wfile.write(answer)
    with pytest.raises(NoAnswer, match="gave no proper answer"):
        post(peer.url, b"{}", {})


def test_an_error_repeats_nothing_that_cannot_be_shown(peer) -> None:
    peer.answer = lambda handler: handler.wfile.write(b"\x00\x1b[31m\r\n\r\n")
    with pytest.raises(NoAnswer) as caught:
        post(peer.url, b"{}", {})
    assert str(caught.value).isprintable()


def test_a_closed_port_received_nothing(peer) -> None:
    peer.stop()
    with pytest.raises(NotSent, match=r"There is no connection to 127\.0\.0\.1"):
        post(peer.url, b"{}", {})


def test_proxies_of_the_environment_are_not_used(peer, peers, monkeypatch) -> None:
    proxy = peers()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert post(peer.url, b"{}", {}).status == 200
    assert proxy.requests == []


@pytest.fixture
def encrypted(peer, tmp_path):
    """The peer behind TLS, with a certificate of its own making for hook.example."""
    if which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    valid_for = "subjectAltName=DNS:hook.example"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    made += ["-subj", "/CN=hook.example", "-addext", valid_for, "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    peer.server.socket = context.wrap_socket(peer.server.socket, server_side=True)
    return certificate


def test_a_certificate_nobody_vouches_for_is_refused(peer, encrypted, names) -> None:
    names("127.0.0.1")
    with pytest.raises(NotSent, match="self-signed certificate"):
        post(f"https://hook.example:{peer.port}/", b"{}", {})
    assert peer.requests == []


def test_a_certificate_is_checked_against_the_name(peer, encrypted, names, monkeypatch) -> None:
    """Trusted for once; the connection goes to an address, the check to the name in the URL."""
    monkeypatch.setenv("SSL_CERT_FILE", str(encrypted))
    names("127.0.0.1")
    assert post(f"https://hook.example:{peer.port}/", b"{}", {}).status == 200
    with pytest.raises(NotSent, match=r"not valid for 'other\.example'"):
        post(f"https://other.example:{peer.port}/", b"{}", {})
    assert len(peer.requests) == 1
