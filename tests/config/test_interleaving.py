"""Visitors of every kind, in every order, at every page that is kept: nothing crosses over."""

from itertools import permutations
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client

import pagecache
from accounts.services import update_preferences, update_profile
from comments.services import approve_comment, submit_comment
from pagecache import PageCacheWSGI
from signalflow.testing import run_deliveries
from tests.wsgi import ask

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = [
    "/",
    "/?page=2",
    "/posts/on-mirrors/",
    "/posts/on-mirrors.md",
    "/tags/",
    "/tags/sun/",
    "/authors/",
    "/authors/ada/",
    "/archive/",
    "/feed/",
    "/feed/atom/",
    "/feed/json/",
    "/tags/sun/feed/",
    "/authors/ada/feed/json/",
    "/sitemap.xml",
    "/robots.txt",
]
# What only one of them may see: names, menus, form tokens, drafts.
PERSONAL = [b"csrfmiddlewaretoken", b"Sign out", b"/studio/", b"Rita Secret", b"Moss Secret"]


@pytest.fixture
def visitors(write, ada, rita, moss) -> dict[str, str]:
    """The Cookie header of each."""
    post = write("On mirrors", tags=["sun"], public=True)
    comment = submit_comment(post, author=ada, body="Bright.")
    approve_comment(comment, by=moss)
    for number in range(11):
        write(f"Light {number}", tags=["sun"], public=True)
    write("A draft of mine")
    cookies = {"nobody": ""}
    for user in (rita, moss):
        update_profile(user, display_name=f"{user.username.title()} Secret")
        update_preferences(user, theme="dark")
        member = Client()
        member.force_login(user)
        cookies[user.username] = f"sessionid={member.cookies['sessionid'].value}"
    run_deliveries()
    return cookies


def see(site: Any, path: str, cookie: str) -> tuple[str, dict[str, str], bytes]:
    headers = {"HTTP_COOKIE": cookie} if cookie else {}
    return ask(site, path, **headers)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_crosses_from_one_visitor_to_another(visitors, path) -> None:
    site = PageCacheWSGI(WSGIHandler())
    alone = {}
    for name, cookie in visitors.items():
        pagecache.clear()
        alone[name] = see(site, path, cookie)[2]
    for order in permutations(visitors):
        pagecache.clear()
        for name in [*order, *order]:
            status, headers, body = see(site, path, visitors[name])
            assert status == "200 OK"
            anonymous = "sessionid" not in visitors[name]
            if anonymous:
                assert body == alone["nobody"]
                assert "Set-Cookie" not in headers
                assert not [word for word in PERSONAL if word in body and path != "/robots.txt"]
            elif path != "/robots.txt":
                assert "public" not in headers["Cache-Control"]
                assert "ETag" not in headers
                if body != alone["nobody"]:  # a page for people: it greets this one
                    mine, other = ("Rita", "Moss") if name == "rita" else ("Moss", "Rita")
                    assert f"{mine} Secret".encode() in body
                    assert f"{other} Secret".encode() not in body


@pytest.mark.parametrize("cookie", ["theme=dark", "csrftoken=abc", f"csrftoken={'x' * 32}"])
def test_a_strangers_cookies_change_nothing(visitors, cookie) -> None:
    site = PageCacheWSGI(WSGIHandler())
    for path in PATHS:
        plain = see(site, path, "")
        pagecache.clear()
        for _ in range(2):
            answer = see(site, path, cookie)
            assert (answer[0], answer[2]) == (plain[0], plain[2])
            assert "Set-Cookie" not in answer[1]
        assert see(site, path, "")[2] == plain[2]


def test_the_session_cookie_has_the_name_that_is_looked_for() -> None:
    assert settings.SESSION_COOKIE_NAME == "sessionid"
