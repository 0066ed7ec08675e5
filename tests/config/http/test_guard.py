"""Requests that Django cannot begin with, and what it breaks on, through the real stack."""

import asyncio
import io
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, override_settings

from accounts.models import User
from comments.models import Comment
from config.http.guard import AsyncGuard
from config.http.headers import of_every_answer
from config.http.layers import around
from tests.cast import person
from tests.photos import photo
from tests.wsgi import Answer, ask

pytestmark = pytest.mark.django_db(transaction=True)

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=zq"


def send(content: bytes = b"login=x", path: str = "/accounts/login/", **environ: Any) -> Answer:
    told: dict[str, Any] = {
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(content)),
        "HTTP_COOKIE": f"{settings.CSRF_COOKIE_NAME}={'f' * 32}",
        "HTTP_X_CSRFTOKEN": "f" * 32,
        "wsgi.input": io.BytesIO(content),
        **environ,
    }
    return ask(around(WSGIHandler()), path, told.pop("method", "POST"), **told)


def assert_refused(answer: Answer, status: int, sentence: str) -> None:
    assert answer[0].startswith(str(status))
    assert sentence in answer[2].decode()
    assert b"<h1>" in answer[2]
    assert of_every_answer().items() <= answer[1].items()


@pytest.mark.parametrize(
    ("content_type", "status", "sentence"),
    [
        (f"{FORM}; charset=hex", 415, "Forms are read as UTF-8."),
        (f"{FORM}; charset=undefined", 415, "Forms are read as UTF-8."),
        (f"{PARTS}; charset=zlib", 415, "Forms are read as UTF-8."),
        (f"{FORM}; charset=a\0b", 415, "Forms are read as UTF-8."),
        (f"{FORM}; charset*=bogus'en'x", 400, "could not be understood"),
        (f"{FORM};" * 100, 400, "could not be understood"),
    ],
)
@pytest.mark.parametrize("path", ["/accounts/login/", "/nothing/", "/admin/"])
def test_a_form_that_cannot_be_read(content_type, status, sentence, path) -> None:
    assert_refused(send(CONTENT_TYPE=content_type, path=path), status, sentence)


@pytest.mark.parametrize(
    "content_type", [f"{FORM}; charset=latin-1", f"{PARTS}; charset=\xe9", "multipart/form-data"]
)
@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/accounts/login/", 400, "could not be understood"),
        ("/admin/", 400, "could not be understood"),
        ("/nothing/", 404, "Nothing is here"),  # Django's own page for it reads the form again
    ],
)
def test_a_form_that_django_refuses(content_type, path, status, sentence) -> None:
    assert_refused(send(CONTENT_TYPE=content_type, path=path), status, sentence)


def test_a_charset_that_nobody_knows_is_read_as_utf_8() -> None:
    answer = send("login=ü".encode(), CONTENT_TYPE=f"{FORM}; charset=bogus")
    assert answer[0] == "200 OK"
    assert "ü" in answer[2].decode()


@pytest.mark.parametrize("length", ["x", "-1", "\xff", "9" * 5_000, "9" * 30])
@pytest.mark.parametrize("content_type", [FORM, PARTS])
def test_a_length_that_is_none(length, content_type) -> None:
    answer = send(CONTENT_LENGTH=length, CONTENT_TYPE=content_type)
    number = length.startswith("9")
    assert_refused(answer, 413 if number else 400, "too large" if number else "in full")


def test_too_much_at_once() -> None:
    for content in (b"x" * 3_000_000, b"a=1&" * 2_000):
        assert_refused(send(content), 413, "copy your text to a safe place")
        assert_refused(send(content, "/nothing/"), 404, "Nothing is here")


def test_an_address_that_is_too_long() -> None:
    for path in ("/" + "x" * 3_000, "/search/?q=" + "x" * 9_000):
        assert_refused(send(path=path, method="GET"), 414, "as long as this")


def test_a_search_of_200_letters_is_not() -> None:
    answer = send(path="/search/?q=" + "%F0%9F%94%A5" * 200, method="GET")
    assert answer[0] == "200 OK"


@pytest.mark.parametrize("page", ["/", "/archive/"])
def test_a_kept_page_is_no_way_around(page, write) -> None:
    """Kept pages are answered before all else."""
    write(public=True)
    application = around(WSGIHandler())
    for _ in range(2):
        assert ask(application, page)[0] == "200 OK"
    assert_refused(ask(application, f"{page}?{'a&' * 2_000}"), 414, "too long")
    assert_refused(ask(application, f"{page}?{'a&' * 5_000}"), 414, "too long")


@pytest.mark.expects_errors
def test_a_site_that_cannot_render_even_its_errors_says_so_in_words(monkeypatch) -> None:
    def fail(*_: Any, **__: Any) -> str:
        raise RuntimeError("no templates")

    monkeypatch.setattr("config.http.refusals.render_to_string", fail)
    monkeypatch.setattr("blog.public.views.HomeView.get", fail)
    status, headers, body = send(path="/", method="GET")
    assert status.startswith("500")
    assert body.startswith(b"Something broke\n")
    assert of_every_answer().items() <= headers.items()


@pytest.mark.expects_errors
def test_what_breaks_outside_of_django_is_answered() -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("no answer")

    assert_refused(ask(around(broken), "/"), 500, "It is our fault")


def test_the_same_over_asgi() -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/accounts/login/",
        "query_string": b"",
        "headers": [(b"content-type", FORM.encode() + b"; charset=hex"), (b"host", b"localhost")],
    }

    async def ask_once() -> list[Any]:
        communicator = ApplicationCommunicator(AsyncGuard(ASGIHandler()), scope)
        return [await communicator.receive_output(), await communicator.receive_output()]

    start, body = asyncio.run(ask_once())
    assert start["status"] == 415
    assert b"Forms are read as UTF-8." in body["body"]
    names = {name.decode() for name, _ in start["headers"]}
    assert {name.lower() for name in of_every_answer()} <= names


def test_a_name_of_100_000_letters_is_refused_by_the_form(client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "x" * 100_000, "password": "x"})
    assert answer.status_code == 200
    assert "at most 254 characters" in answer.content.decode()


@pytest.mark.parametrize("target", ["http://[", "//[", "home", "https://evil.example/", "/\\evil"])
def test_a_way_on_that_leads_nowhere_leads_home(target, client: Client) -> None:
    client.force_login(person("nina"))
    answer = client.get("/accounts/login/", {"next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("target", ["1", "home", "a:b", "http://[", "//evil.example"])
def test_a_verdict_leads_back_to_the_list_from_nowhere(target, client, write, moss) -> None:
    comment = Comment.objects.create(post=write(public=True), author=moss, body="Yes.")
    client.force_login(moss)
    answer = client.post(f"/studio/comments/{comment.pk}/trash/", {"next": target})
    assert answer["Location"] == "/studio/comments/"


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_a_number_that_no_column_holds_is_in_no_row(number, client: Client, ada) -> None:
    assert not User.objects.filter(pk__in=[number]).exists()
    assert User.objects.filter(pk__in=[number, ada.pk]).get() == ada
    assert not User.objects.exclude(pk__in=[number, ada.pk]).exists()
    User.objects.create_superuser("boss", "boss@example.org")
    client.force_login(User.objects.get(username="boss"))
    answer = client.post("/admin/auth/group/add/", {"name": "x", "permissions": [str(number)]})
    assert "is not one of the available choices" in answer.content.decode()


@override_settings(SECURE_SSL_REDIRECT=True)
def test_refusals_of_every_middleware_have_the_headers(client: Client) -> None:
    """Also of the first one, and redirects, and files."""
    for path in ("/", "/static/css/base.css", "/media/nothing", "/\0"):
        for host in ("127.0.0.1", "evil.example", ""):
            answer = client.get(path, headers={"host": host})
            assert of_every_answer().items() <= dict(answer.items()).items(), (path, host)


def test_a_refusal_is_kept_by_nobody(client: Client, write) -> None:
    post = write()
    address = f"/posts/{post.slug}/"
    answer = client.get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (404, "no-store")


def test_what_anybody_may_keep_brings_no_cookie(client: Client, write) -> None:
    post = write(image=photo(40, 20), image_alt="Sun", public=True)
    client.cookies[settings.CSRF_COOKIE_NAME] = "broken"
    answer = client.get(post.image.url)
    assert answer.status_code == 200
    assert not answer.cookies


def test_an_answer_without_words_gets_some(client: Client, write) -> None:
    write(public=True)
    assert "<h1>" in client.delete("/").content.decode()
    answer = client.get("/feed/", headers={"if-match": '"x"'})
    assert answer.status_code == 412
    assert "only as long as it had not changed" in answer.content.decode()
    assert int(answer["Content-Length"]) == len(answer.content)


def test_the_admin_is_asked_for_a_field_that_is_none(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss", "boss@example.org"))
    answer = client.get("/admin/auth/group/1/delete/?_to_field=")
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()
