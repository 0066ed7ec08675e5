"""Guessing is slow, and whoever guesses locks nobody else out."""

import re
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import tries
from accounts.limits import Rate
from accounts.models import User
from comments.models import Comment
from tests import forms
from tests.cast import person
from tests.forms import fields, press, send, window, words
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

RIGHT = "correct horse"
SENTENCE = "There were too many wrong passwords."
LOGIN = "/accounts/login/"


@pytest.fixture
def owner(rita) -> User:
    return rita


def sign_in(typed: str = "wrong", name: str = "rita", at: str = "192.0.2.1", **kwargs: Any) -> Any:
    form = {"login": name, "password": typed}
    return (kwargs.get("by") or Client()).post(LOGIN, form, REMOTE_ADDR=at)


def lock(name: str = "rita", at: str = "192.0.2.1") -> None:
    for _ in range(tries.FROM_ONE_NETWORK.amount):
        assert sign_in(name=name, at=at).status_code == 200
    assert sign_in(name=name, at=at).status_code == 429


def test_a_stranger_locks_out_their_own_network_alone(owner) -> None:
    lock(at="2001:db8:1:2::1")
    assert sign_in(RIGHT, at="2001:db8:1:2:ffff::9").status_code == 429, "all of its /64"
    assert sign_in(RIGHT, at="2001:db8:1:3::1").status_code == 302
    assert sign_in(RIGHT, at="198.51.100.7").status_code == 302


@pytest.mark.parametrize("name", ["rita", "nobody-here", "rita@example.org", "x@example.org"])
def test_the_refusal_is_kind_and_keeps_what_was_typed(owner, name) -> None:
    """And says the same of a name that nobody has."""
    lock(name)
    answer = sign_in("a right secret", name)
    page = answer.content.decode()
    assert SENTENCE in page
    assert re.search(rf'<input[^>]+name="login"[^>]+value="{name}"', page)
    assert "a right secret" not in page
    assert int(answer.headers["Retry-After"]) == tries.FROM_ONE_NETWORK.seconds


def test_many_at_once_try_no_more_than_many_in_a_row(owner) -> None:
    answers = together(*[lambda: sign_in().status_code] * 12)
    assert answers.count(200) == tries.FROM_ONE_NETWORK.amount
    assert answers.count(429) == 12 - tries.FROM_ONE_NETWORK.amount


def test_right_passwords_are_not_counted(owner, monkeypatch) -> None:
    monkeypatch.setattr(tries, "OF_ONE_NETWORK", Rate("network", 3, 60))
    monkeypatch.setattr(tries, "OF_ONE_NAME", Rate("name", 3, 60))
    assert [sign_in(RIGHT).status_code for _ in range(6)] == [302] * 6
    assert [sign_in().status_code for _ in range(4)] == [200] * 3 + [429]


def test_one_network_does_not_try_everybodys_name(owner, monkeypatch) -> None:
    monkeypatch.setattr(tries, "OF_ONE_NETWORK", Rate("network", 8, 60))
    names = [f"somebody{number}" for number in range(8)]
    assert {sign_in(name=name).status_code for name in names} == {200}
    assert sign_in(name="another").status_code == 429
    assert sign_in(RIGHT, at="198.51.100.7").status_code == 302


def test_many_networks_guess_slowly_at_one_name(owner, monkeypatch) -> None:
    monkeypatch.setattr(tries, "OF_ONE_NAME", Rate("name", 10, 60))
    known = Client()
    assert sign_in(RIGHT, by=known).status_code == 302
    known.post("/accounts/logout/")
    for number in range(10):
        assert sign_in(at=f"198.51.100.{number}").status_code == 200
    assert sign_in(at="198.51.100.99").status_code == 429
    assert sign_in(RIGHT, at="203.0.113.5").status_code == 429, "a browser nobody knows"
    assert sign_in(RIGHT, at="203.0.113.5", by=known).status_code == 302, "the owner's own"


# -- known devices ---------------------------------------------------------------------------------


@pytest.fixture
def known(owner) -> Client:
    client = Client()
    sign_in(RIGHT, by=client)
    client.post("/accounts/logout/")
    return client


def test_a_known_device_meets_no_lockout_of_its_network(known) -> None:
    lock()
    assert sign_in(RIGHT).status_code == 429
    assert sign_in(RIGHT, by=known).status_code == 302


def test_the_cookie_opens_nothing_and_is_no_scripts_business(known, settings) -> None:
    cookie = known.cookies["known_device"]
    assert cookie["httponly"]
    assert (cookie["path"], cookie["samesite"]) == ("/accounts/", "Lax")
    assert known.get("/accounts/profile/").status_code == 302
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    client.post(LOGIN, {"login": "rita", "password": RIGHT}, secure=True)
    assert client.cookies["known_device"]["secure"]


def test_guesses_on_a_known_device_are_counted_too(known) -> None:
    answers = [sign_in(by=known).status_code for _ in range(tries.FROM_ONE_DEVICE.amount + 1)]
    assert answers == [200] * tries.FROM_ONE_DEVICE.amount + [429]


def test_it_is_known_for_the_accounts_it_was_used_for(known, owner) -> None:
    person("bruno")
    lock("bruno")
    assert sign_in(RIGHT, "bruno", by=known).status_code == 429
    sign_in(RIGHT, "bruno", at="198.51.100.7", by=known)
    known.post("/accounts/logout/")
    lock("rita", at="192.0.2.9")
    for name, at in (("bruno", "192.0.2.1"), ("rita", "192.0.2.9")):
        assert sign_in(RIGHT, name, at=at, by=known).status_code == 302
        known.post("/accounts/logout/")


def test_it_is_unknown_once_the_password_is_another_one(known, owner) -> None:
    lock()
    owner.set_password("another battery")
    owner.save()
    assert sign_in("another battery", by=known).status_code == 429


def test_a_forged_cookie_is_none(known) -> None:
    lock()
    value = known.cookies["known_device"].value
    for forged in ("", "x", value[:-1], value.replace(":", "", 1), '{"device": "x"}'):
        client = Client()
        client.cookies["known_device"] = forged
        assert sign_in(RIGHT, by=client).status_code == 429


# -- other places where a password is typed -------------------------------------------------------


def test_the_question_for_the_password_is_limited_as_well(owner) -> None:
    client = Client()
    client.force_login(owner)
    path, form = "/accounts/reauthenticate/", {"password": "wrong"}
    answers = [client.post(path, form).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert SENTENCE in client.post(path, {"password": RIGHT}).content.decode()


def test_the_present_password_is_limited_where_it_is_changed(owner) -> None:
    client = Client()
    client.force_login(owner)
    new = {"password1": "another battery", "password2": "another battery"}
    path = "/accounts/password/change/"
    answers = [client.post(path, {"oldpassword": "wrong", **new}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert client.post(path, {"oldpassword": RIGHT, **new}).status_code == 429
    assert User.objects.get(pk=owner.pk).check_password(RIGHT)


def test_the_browser_of_a_new_password_is_a_known_one(owner, known) -> None:
    sign_in(RIGHT, by=known)
    new = {"password1": "another battery", "password2": "another battery"}
    known.post("/accounts/password/change/", {"oldpassword": RIGHT, **new})
    known.post("/accounts/logout/")
    lock()
    assert sign_in("another battery", by=known).status_code == 302


def test_a_form_that_waits_for_the_sign_in_waits_on(owner, write) -> None:
    """And what was typed as the name stays where it was."""
    write(public=True)
    reader = window(owner)
    Session.objects.all().delete()
    page = send(reader, "/posts/on-mirrors/comments/", {"body": "Bright"})
    for _ in range(tries.FROM_ONE_NETWORK.amount + 1):
        page = forms.sign_in(reader, page, "rita", password="wrong")
    assert page.status_code == 429
    assert SENTENCE in words(page)
    assert fields(page)[1]["login"] == "rita"
    tries.forget(tries.FROM_ONE_NETWORK, "127.0.0.1 rita")
    press(reader, forms.sign_in(reader, page, "rita"))
    assert Comment.objects.get().body == "Bright"


def test_a_reset_by_mail_lets_its_browser_in(owner, monkeypatch) -> None:
    """Whoever guesses from everywhere cannot keep the owner of the mailbox out."""
    monkeypatch.setattr(tries, "OF_ONE_NAME", Rate("name", 5, 60))
    lock(at="198.51.100.1")
    assert sign_in(RIGHT).status_code == 429
    key = f"{user_pk_to_url_str(owner)}-{default_token_generator.make_token(owner)}"
    browser = Client()
    page = browser.get(f"/accounts/password/reset/key/{key}/").headers["Location"]
    browser.post(page, {"password1": "another battery", "password2": "another battery"})
    lock(at="198.51.100.2")
    assert sign_in("another battery").status_code == 429
    assert sign_in("another battery", by=browser).status_code == 302
