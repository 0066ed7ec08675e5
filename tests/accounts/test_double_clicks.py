"""A form that is sent twice at once makes one row, and both answers are friendly."""

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from signalflow.testing import run_deliveries
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {
    "username": "nina",
    "email": "nina@example.org",
    "password1": "another battery",
    "password2": "another battery",
}


def sign_up(**changes: str):
    return Client().post("/accounts/signup/", FORM | changes)


def confirmations() -> list[str]:
    run_deliveries()
    return [m.to[0] for m in mail.outbox if "/accounts/confirm-email/" in m.body]


def test_two_clicks_on_sign_up_make_one_account() -> None:
    answers = together(sign_up, sign_up, sign_up)
    assert {(a.status_code, a.headers["Location"]) for a in answers} == {
        (302, "/accounts/confirm-email/")
    }
    user = User.objects.get()
    assert list(user.emailaddress_set.values_list("email", flat=True)) == ["nina@example.org"]
    assert confirmations() == ["nina@example.org"]
    assert not [m for m in mail.outbox if "exist" in m.subject.lower()]


def test_a_second_click_later_is_answered_as_the_first() -> None:
    first, second = sign_up(), sign_up(username="NINA ")
    assert first.headers["Location"] == second.headers["Location"]
    assert User.objects.count() == 1
    assert confirmations() == ["nina@example.org"]


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "other@example.org"},
        {"password1": "wrong battery", "password2": "wrong battery"},
    ],
)
def test_another_form_with_the_same_name_is_told_that_it_is_taken(changes) -> None:
    sign_up()
    answer = sign_up(**changes)
    assert answer.status_code == 200
    assert "already exists" in answer.content.decode()
    assert User.objects.count() == 1


def test_a_confirmed_or_older_account_tells_nothing_of_its_password() -> None:
    """The page would be a place to guess it at."""
    sign_up()
    user = User.objects.get()
    user.emailaddress_set.update(verified=True)
    assert sign_up().status_code == 200
    user.emailaddress_set.update(verified=False)
    User.objects.update(date_joined="2026-01-01T10:00:00Z")
    assert sign_up().status_code == 200


def test_two_people_who_want_one_name_at_once() -> None:
    other = {"email": "ada@example.org", "password1": "her battery", "password2": "her battery"}
    answers = together(sign_up, lambda: sign_up(**other))
    assert sorted(a.status_code for a in answers) == [200, 302]
    assert User.objects.count() == 1
    (refused,) = [a for a in answers if a.status_code == 200]
    assert "already exists" in refused.content.decode()


def test_two_names_for_one_address_at_once() -> None:
    """Neither learns of the other: that an address is known is told to its owner alone."""
    answers = together(sign_up, lambda: sign_up(username="ada"))
    assert {a.headers.get("Location") for a in answers} == {"/accounts/confirm-email/"}
    assert User.objects.count() == 1
