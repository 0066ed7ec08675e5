"""Every page carries the same strict headers."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.csp import HEADER
from config.http.headers import HeadersMiddleware


def test_the_policy_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/healthz/").headers[HEADER]
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives == {
        "default-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "img-src": "'self' https:",
        "object-src": "'none'",
    }
    assert "unsafe" not in policy


def test_browser_features_and_referrers_are_kept_in(client: Client) -> None:
    headers = client.get("/healthz/").headers
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_response_may_bring_a_policy_of_its_own(rf: RequestFactory) -> None:
    own = "default-src 'none'"
    middleware = HeadersMiddleware(lambda _: HttpResponse(headers={HEADER: own}))
    assert middleware(rf.get("/")).headers[HEADER] == own


@pytest.mark.parametrize(("status", "present"), [(200, True), (404, False), (500, False)])
def test_debug_pages_keep_their_inline_style(
    rf: RequestFactory, settings: Settings, status: int, present: bool
) -> None:
    settings.DEBUG = True
    middleware = HeadersMiddleware(lambda _: HttpResponse(status=status))
    assert (HEADER in middleware(rf.get("/")).headers) is present
