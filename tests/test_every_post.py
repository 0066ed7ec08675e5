"""Every address that takes a form: a session that ended costs nobody a word."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from accounts.models import User
from tests.cast import person
from tests.forms import OURS, fields, press, sign_in

SAMPLES = {"act": "publish", "app_label": "blog", "key": "a", "uidb36": "a", "url": "a/"}
OF_THE_ADMIN = {"/admin/blog/post/add/", "/admin/blog/post/", "/admin/auth/group/4711/change/"}
TYPED = {"body": "A lost word?", "title": "A lost title"}


def addresses(patterns=None, namespace: str = "") -> Iterator[str]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if not isinstance(entry, URLPattern):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry.url_patterns, inner)
        elif entry.name:
            known = getattr(entry.pattern, "converters", {}) or entry.pattern.regex.groupindex
            kwargs = {name: SAMPLES.get(name, "4711") for name in known}
            try:
                yield reverse(f"{namespace}{entry.name}", kwargs=kwargs)
            except NoReverseMatch as error:  # one more sample is needed above
                raise AssertionError(str(error)) from error


@pytest.fixture
def root(db) -> User:
    return person("root", is_staff=True, is_superuser=True)


def signed_out(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/accounts/settings/")
    Session.objects.all().delete()
    return client


def test_no_address_loses_what_was_typed(root) -> None:
    asked = []
    for address in addresses():
        cache.clear()  # which counts how often somebody has signed in
        browser = signed_out(root)
        page = browser.post(address, TYPED, **OURS)
        text = page.content.decode() if not page.streaming else ""
        assert text or page.status_code != 405, address
        location = page.headers.get("Location", "")
        to_sign_in = location.startswith(("/accounts/login/?", "/admin/login/?"))
        assert not to_sign_in or browser.get(address).status_code != 405, address
        if 'name="carried"' not in text:
            continue
        asked.append(address)
        if address.startswith("/admin/") and address not in OF_THE_ADMIN:
            continue  # they all come from the same hands
        page = sign_in(browser, page, "root")
        assert page.status_code == 200, address
        action, sent = fields(page)
        assert action == address
        assert TYPED.items() <= sent.items(), address
        answer = press(browser, page)
        assert answer.status_code != 405 or "POST" not in answer.headers["Allow"], address
    assert len(asked) > 60
    assert set(asked) >= OF_THE_ADMIN
    assert {"/posts/4711/comments/", "/studio/posts/publish/", "/studio/webhooks/"} <= set(asked)


def test_no_address_leads_to_nowhere_after_signing_in(root) -> None:
    """What was not kept, because another site sent it, still ends at a page."""
    for address in addresses():
        if address.startswith("/admin/") and address not in OF_THE_ADMIN:
            continue
        for method in ("get", "post"):
            browser = Client()
            answer = getattr(browser, method)(address)
            location = answer.headers.get("Location", "")
            if not location.startswith(("/accounts/login/?", "/admin/login/?")):
                continue
            login = browser.get(location, follow=True)
            found = re.search(r'name="next" value="([^"]*)"', login.content.decode())
            assert found, address
            browser.force_login(root)
            assert browser.get(unescape(found[1])).status_code != 405, (method, address)


def test_a_405_says_why(client, db) -> None:
    answer = client.get("/posts/on-mirrors/comments/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "only takes what a form sends" in answer.content.decode()
    answer = client.post("/")
    assert answer.status_code == 405
    assert "can only be read" in answer.content.decode()
