"""What is said to somebody in particular is kept by nobody."""

import pytest
from django.test import Client

from tests.test_permissions import CAST, MATRIX, client_of, people, places

__all__ = ["people", "places"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_page_of_somebody_signed_in_may_be_kept(people, places) -> None:
    packages = ["/admin/", "/accounts/email/", "/accounts/logout/", "/accounts/password/change/"]
    addresses = [address.format(**places) for address, _, _ in MATRIX.values()]
    for name in CAST[1:]:
        client = client_of(people[name])
        for address in [*addresses, *packages, "/none/", "/posts/on-mirrors"]:
            for method in ("get", "head", "post"):
                answer = getattr(client, method)(address)
                policy = answer.headers["Cache-Control"]
                assert policy == "private, no-store", (name, method, address, policy)
                assert "Cookie" in answer.headers["Vary"]
                assert "ETag" not in answer.headers
            if "logout" in address:
                client.force_login(people[name])


def test_a_waiting_message_and_a_new_session_are_kept_by_nobody(ada, write) -> None:
    write(public=True)
    visitor = Client()
    visitor.cookies["messages"] = "waiting"
    assert visitor.get("/").headers["Cache-Control"] == "private, no-store"
    signing_in = Client().post("/accounts/login/", {"login": "ada", "password": "correct horse"})
    assert signing_in.cookies
    assert signing_in.headers["Cache-Control"] == "private, no-store"


def test_everybody_elses_pages_stay_as_they_are(write) -> None:
    write(public=True)
    for address in ("/", "/posts/on-mirrors/", "/feed/", "/sitemap.xml"):
        assert Client().get(address).headers["Cache-Control"] == "public, no-cache"
