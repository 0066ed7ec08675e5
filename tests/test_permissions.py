"""Who gets which answer where: every route, every role."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import User
from comments.services import submit_comment
from listeners.notifications.models import Subscription
from listeners.webhooks.models import Call, Endpoint
from signalflow.models import Delivery, Trace
from signalflow.testing import run_deliveries
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

CAST = ("anonymous", "reader", "other", "author", "moderator", "editor", "admin")
ALL = "200 200 200 200 200 200 200"
SIGNED_IN = "302 200 200 200 200 200 200"
AUTHORS = "302 403 200 200 403 200 200"
OWN = "302 403 404 200 403 200 200"
OWN_POST = "302 403 404 302 403 302 302"
MODERATORS = "302 403 403 403 200 403 200"
POST_ONLY = "405 405 405 405 405 405 405"
LEARNERS = "302 403 200 200 200 200 200"
STAFF = "302 403 403 403 403 403 200"
ACTS = "405 403 403 403 403 403 405"  # no page to come back to after signing in
STAFF_READS = "302 403 403 403 403 403 405"

# Route (as URL patterns spell it) → address, answers to GET, answers to an empty POST.
# The answers are in the order of CAST; "other" is an author whose post it is not.
MATRIX: dict[str, tuple[str, str, str]] = {
    "": ("/", ALL, POST_ONLY),
    "posts/<str:slug>/": ("/posts/on-mirrors/", ALL, POST_ONLY),
    "posts/<str:slug>.md": ("/posts/on-mirrors.md", ALL, POST_ONLY),
    "tags/": ("/tags/", ALL, POST_ONLY),
    "tags/<str:slug>/": ("/tags/sun/", ALL, POST_ONLY),
    "tags/<str:slug>/feed/": ("/tags/sun/feed/", ALL, POST_ONLY),
    "tags/<str:slug>/feed/atom/": ("/tags/sun/feed/atom/", ALL, POST_ONLY),
    "tags/<str:slug>/feed/json/": ("/tags/sun/feed/json/", ALL, POST_ONLY),
    "authors/": ("/authors/", ALL, POST_ONLY),
    "authors/<str:username>/": ("/authors/author/", ALL, POST_ONLY),
    "authors/<str:username>/feed/": ("/authors/author/feed/", ALL, POST_ONLY),
    "authors/<str:username>/feed/atom/": ("/authors/author/feed/atom/", ALL, POST_ONLY),
    "authors/<str:username>/feed/json/": ("/authors/author/feed/json/", ALL, POST_ONLY),
    "archive/": ("/archive/", ALL, POST_ONLY),
    "archive/<int:year>/": ("/archive/{year}/", ALL, POST_ONLY),
    "archive/<int:year>/<int:month>/": ("/archive/{year}/{month}/", ALL, POST_ONLY),
    "feed/": ("/feed/", ALL, POST_ONLY),
    "feed/atom/": ("/feed/atom/", ALL, POST_ONLY),
    "feed/json/": ("/feed/json/", ALL, POST_ONLY),
    "sitemap.xml": ("/sitemap.xml", ALL, POST_ONLY),
    "sitemap-<str:section>.xml": ("/sitemap-posts.xml", ALL, POST_ONLY),
    "robots.txt": ("/robots.txt", ALL, POST_ONLY),
    "search/": ("/search/?q=light", ALL, POST_ONLY),
    "subscribe/": ("/subscribe/", ALL, ALL),
    "subscribe/confirm/<str:token>/": ("/subscribe/confirm/{token}/", ALL, ALL),
    "unsubscribe/<str:token>/": ("/unsubscribe/{token}/", ALL, ALL),
    "healthz/": ("/healthz/", ALL, POST_ONLY),
    "healthz/ready/": ("/healthz/ready/", ALL, POST_ONLY),
    "media/<path:name>": ("/media/post/none.jpg", "404 " * 6 + "404", POST_ONLY),
    "accounts/profile/": ("/accounts/profile/", SIGNED_IN, "302 302 302 302 302 302 302"),
    "accounts/settings/": ("/accounts/settings/", SIGNED_IN, SIGNED_IN),
    "accounts/login/": (
        "/accounts/login/",
        "200 302 302 302 302 302 302",
        "200 302 302 302 302 302 302",
    ),
    "accounts/email/": ("/accounts/email/", SIGNED_IN, "302 302 302 302 302 302 302"),
    "accounts/password/change/": ("/accounts/password/change/", SIGNED_IN, SIGNED_IN),
    "accounts/reauthenticate/": ("/accounts/reauthenticate/", SIGNED_IN, SIGNED_IN),
    "studio/": ("/studio/", AUTHORS, "302 403 405 405 403 405 405"),
    "studio/posts/new/": ("/studio/posts/new/", AUTHORS, AUTHORS),
    "studio/posts/publish/": (
        "/studio/posts/publish/",
        "405 403 405 405 403 405 405",
        "302 403 302 302 403 302 302",
    ),
    "studio/posts/<int:pk>/edit/": ("/studio/posts/{draft}/edit/", OWN, OWN),
    "studio/posts/<int:pk>/preview/": (
        "/studio/posts/{draft}/preview/",
        OWN,
        "302 403 405 405 403 405 405",
    ),
    "studio/posts/<int:pk>/forecast/": (
        "/studio/posts/{draft}/forecast/",
        OWN,
        "302 403 405 405 403 405 405",
    ),
    "studio/receipts/<str:trace>/": (
        "/studio/receipts/{trace}/",
        "302 404 404 200 404 404 200",
        "302 405 405 405 405 405 405",
    ),
    "studio/receipts/<str:trace>/retry/<int:delivery>/": (
        "/studio/receipts/{trace}/retry/{delivery}/",
        POST_ONLY,
        "302 404 404 302 404 404 302",
    ),
    "studio/receipts/about/<str:target>/": (
        "/studio/receipts/about/blog.post:{post}/",
        "302 302 404 302 404 404 302",  # the reader commented on it
        "302 405 405 405 405 405 405",
    ),
    "studio/posts/<int:pk>/receipts/<str:trace>/": (
        "/studio/posts/{post}/receipts/{trace}/",
        OWN,
        "302 403 405 405 403 405 405",
    ),
    "studio/posts/<int:pk>/receipts/<str:trace>/retry/<int:delivery>/": (
        "/studio/posts/{post}/receipts/{trace}/retry/{delivery}/",
        "405 403 405 405 403 405 405",
        OWN_POST,
    ),
    "studio/why/": ("/studio/why/?path=/tags/sun/", STAFF, STAFF_READS),
    "studio/signals/": ("/studio/signals/", STAFF, STAFF_READS),
    "studio/signals/wiring.json": ("/studio/signals/wiring.json", STAFF, STAFF_READS),
    "studio/signals/wiring.dot": ("/studio/signals/wiring.dot", STAFF, STAFF_READS),
    "studio/signals/source/": (
        "/studio/signals/source/?receiver=blog.receivers.log_saved_post",
        "302 403 403 403 403 403 404",  # for developers: DEBUG is off here
        STAFF_READS,
    ),
    "studio/signals/traces/": ("/studio/signals/traces/", STAFF, STAFF_READS),
    "studio/signals/deliveries/": ("/studio/signals/deliveries/", STAFF, STAFF_READS),
    "studio/signals/deliveries/replay/": (
        "/studio/signals/deliveries/replay/",
        ACTS,
        "302 403 403 403 403 403 422",
    ),
    "studio/signals/deliveries/<str:act>/": (
        "/studio/signals/deliveries/retry/",
        ACTS,
        "302 403 403 403 403 403 302",
    ),
    "studio/posts/<int:pk>/delete/": (
        "/studio/posts/{draft}/delete/",
        OWN,
        "302 403 404 302 403 404 404",  # which is gone by then
    ),
    "studio/posts/<int:pk>/<str:act>/": (
        "/studio/posts/{draft}/unschedule/",
        "405 403 405 405 403 405 405",
        OWN_POST,
    ),
    "posts/<str:slug>/comments/": (
        "/posts/on-mirrors/comments/",
        POST_ONLY,
        "302 422 422 422 422 422 422",
    ),
    "studio/lab/": ("/studio/lab/", LEARNERS, LEARNERS),
    "comments/<int:pk>/": (
        "/comments/{comment}/",
        "404 404 404 404 404 404 404",  # it waits for a moderator
        POST_ONLY,
    ),
    "studio/comments/": ("/studio/comments/", MODERATORS, "302 403 403 403 405 403 405"),
    "studio/comments/<int:pk>/<str:act>/": (
        "/studio/comments/{comment}/approve/",
        "405 403 403 403 405 403 405",
        "302 403 403 403 302 403 302",
    ),
    "studio/webhooks/": ("/studio/webhooks/", STAFF, STAFF),
    "studio/webhooks/<int:pk>/": (
        "/studio/webhooks/{endpoint}/",
        STAFF,
        "302 403 403 403 403 403 405",
    ),
    "studio/webhooks/<int:pk>/delete/": (
        "/studio/webhooks/{endpoint}/delete/",
        STAFF,
        "302 403 403 403 403 403 302",
    ),
    "studio/webhooks/<int:pk>/<str:act>/": (
        "/studio/webhooks/{endpoint}/pause/",
        ACTS,
        "302 403 403 403 403 403 302",
    ),
    "studio/webhooks/calls/<int:pk>/redeliver/": (
        "/studio/webhooks/calls/{call}/redeliver/",
        ACTS,
        "302 403 403 403 403 403 302",
    ),
}

# Kept by their own packages, which test them: signing in and out, and the admin's pages, which
# open to staff alone (see below).
PACKAGES = ("admin/", "accounts/")


def routes(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def test_every_route_is_in_the_matrix() -> None:
    ours = {r for r in routes() if not r.startswith(PACKAGES) or r in MATRIX}
    assert ours == set(MATRIX)


@pytest.fixture
def people(write) -> dict[str, Any]:
    cast: dict[str, Any] = {
        "anonymous": AnonymousUser(),
        "reader": person("reader"),
        "other": person("other", "Author"),
        "author": person("author", "Author"),
        "moderator": person("moderator", "Moderator"),
        "editor": person("editor", "Author", "Editor"),
        "admin": User.objects.create_superuser("admin", "admin@example.org", "correct horse"),
    }
    return cast


@pytest.fixture
def places(people, write) -> dict[str, Any]:
    post = write("On mirrors", author=people["author"], tags=["sun"], public=True)
    write("On light", author=people["other"], tags=["sun"], public=True)
    comment = submit_comment(post, author=people["reader"], body="Yes.")
    subscription = Subscription.objects.create(
        email="s@example.org", target="site", label="all new posts"
    )
    run_deliveries()
    # Made last: nobody calls it.
    endpoint = Endpoint.objects.create(label="Mirror", url="https://hook.example/")
    now = timezone.now()
    trace = Trace.objects.filter(name="publish", actor_id=people["author"].pk)[0].pk
    return {
        "post": post.pk,
        "delivery": Delivery.objects.filter(trace=trace)[0].pk,
        "trace": trace,
        "endpoint": endpoint.pk,
        "call": Call.objects.create(endpoint=endpoint, event="ping:1", kind="ping").pk,
        "draft": write("On shade", author=people["author"]).pk,
        "comment": comment.pk,
        "token": subscription.token,
        "year": now.year,
        "month": now.month,
    }


def client_of(user: Any) -> Client:
    client = Client()
    if user.is_authenticated:
        client.force_login(user)
    return client


@pytest.mark.parametrize("route", MATRIX)
@pytest.mark.expects_errors  # refusals are logged as such
def test_each_role_gets_its_answer(route, people, places) -> None:
    address, to_get, to_post = MATRIX[route]
    path = address.format(**places)
    for method, answers in (("get", to_get), ("post", to_post)):
        expected = dict(zip(CAST, map(int, answers.split()), strict=True))
        given = {name: getattr(client_of(people[name]), method)(path).status_code for name in CAST}
        assert given == expected, (method, path)


@pytest.mark.parametrize("page", ["", "blog/post/", "audit/auditentry/", "accounts/user/"])
@pytest.mark.expects_errors
def test_the_admin_is_for_staff_alone(page, people) -> None:
    for name, user in people.items():
        status = client_of(user).get(f"/admin/{page}").status_code
        assert status == (200 if name == "admin" else 302), name
