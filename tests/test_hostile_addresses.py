"""Whatever is typed into the address bar: a page or a refusal, and never an error."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import update_preferences
from tests.cast import person

pytestmark = pytest.mark.django_db(transaction=True)

PIECES = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%FF%FE",
    "%E2%80%AE",
    "..%2f..%2fetc",
    "%27%22%3E%3Cscript%3E",
    "x" * 5_000,
    "%F0%9F%94%A5" * 50,
    "%0d%0aSet-Cookie:x=1",
    "99999999999999999999999999",
    "9" * 5_000,
    "0",
    "-1",
]
PLACES = [
    "/{}",
    "/posts/{}/",
    "/posts/{}/comments/",
    "/tags/{}/",
    "/tags/{}/feed/",
    "/authors/{}/",
    "/authors/{}/feed/",
    "/archive/{}/",
    "/archive/{}/{}/",
    "/archive/2026/{}/",
    "/archive/{}/12/",
    "/media/{}",
    "/media/post/{}.jpg",
    "/unsubscribe/{}/",
    "/subscribe/confirm/{}/",
    "/subscribe/?tag={}",
    "/subscribe/?author={}",
    "/subscribe/?post={}",
    "/search/?q={}",
    "/search/?q=light&page={}",
    "/?page={}",
    "/tags/?page={}",
    "/posts/on-mirrors/?reply={}",
    "/studio/?status={}&page={}",
    "/studio/posts/{}/edit/",
    "/studio/posts/{}/preview/",
    "/studio/comments/?status={}&page={}",
    "/accounts/login/?next={}",
    "/accounts/confirm-email/{}/",
    "/accounts/password/reset/key/{}/",
    "/healthz/?x={}",
    "/sitemap.xml?p={}",
    "/feed/?x={}",
]


@pytest.fixture
def visitors(write) -> list[Client]:
    write("On mirrors", public=True)
    boss = User.objects.create_superuser("boss", "boss@example.org")
    update_preferences(boss, time_zone="Asia/Tokyo")
    clients = [Client(), Client(), Client()]
    clients[1].force_login(person("nina"))
    clients[2].force_login(boss)
    return clients


@pytest.mark.parametrize("place", PLACES)
def test_no_address_is_an_error(visitors, place) -> None:
    for piece in PIECES:
        for visitor in visitors:
            for method in (visitor.get, visitor.post):
                answer = method(place.replace("{}", piece))
                assert answer.status_code < 500, piece
                assert "x" not in answer.cookies


@pytest.mark.parametrize("year", [0, 1, 9998, 9999, 10_000, 10**12])
@pytest.mark.parametrize("month", [None, 0, 1, 12, 13, 10**12])
def test_no_date_is_an_error(visitors, year, month) -> None:
    """Also for readers whose own zone turns the first year into the one before it."""
    path = f"/archive/{year}/" + ("" if month is None else f"{month}/")
    for zone in ("Asia/Tokyo", "America/New_York"):
        update_preferences(User.objects.get(username="boss"), time_zone=zone)
        for visitor in visitors:
            assert visitor.get(path).status_code == 404
