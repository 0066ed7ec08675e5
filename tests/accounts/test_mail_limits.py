"""How many strangers one client can have mailed, by whichever form, and what it is told then."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import resolve, reverse

from accounts import limits
from accounts.limited_forms import LimitedForm
from accounts.mails import TO_ONE_ADDRESS
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = "Too many mails were asked for. Please try again in an hour."
MANY = 60
TOKEN = re.compile(r'value="[A-Za-z0-9]{64}"')


def subscribe(email: str, **client):
    return Client(**client).post("/subscribe/", {"email": email})


def sign_up(email: str, **client):
    form = {"username": f"{email.partition('@')[0]}-new", "email": email}
    passwords = {"password1": "correct horse battery", "password2": "correct horse battery"}
    return Client(**client).post("/accounts/signup/", form | passwords)


def reset(email: str, **client):
    return Client(**client).post("/accounts/password/reset/", {"email": email})


FORMS = [subscribe, sign_up, reset]


def mailed(mailoutbox) -> list[str]:
    run_deliveries()
    return sorted(mail.to[0] for mail in mailoutbox if "Welcome" not in mail.subject)


@pytest.mark.parametrize("form", FORMS)
def test_one_client_mails_few_of_sixty_strangers(form, mailoutbox, settings) -> None:
    answers = [form(f"n{n}@example.org") for n in range(MANY)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(mailed(mailoutbox)) == MANY - len(refused) == settings.PUBLIC_MAILS_PER_NETWORK
    last = answers[-1]
    page = last.content.decode()
    assert SENTENCE in page
    assert f'value="n{MANY - 1}@example.org"' in page, "nothing typed is lost"
    assert last.headers["Retry-After"] == "3600"
    assert form("other@example.org", REMOTE_ADDR="192.0.2.9").status_code in {200, 302}
    assert "other@example.org" in mailed(mailoutbox)


def test_all_forms_count_together(mailoutbox, settings, rita) -> None:
    settings.PUBLIC_MAILS_PER_NETWORK = 4
    signed_in = Client()
    signed_in.force_login(rita)

    def further_address(email: str):
        return signed_in.post("/accounts/email/", {"action_add": "", "email": email})

    for n, form in enumerate([*FORMS, further_address]):
        assert form(f"n{n}@example.org").status_code in {200, 302}
    for form in [*FORMS, further_address]:
        answer = form("late@example.org")
        assert (answer.status_code, SENTENCE in answer.content.decode()) == (429, True)
    assert "late@example.org" not in mailed(mailoutbox)


def test_many_networks_have_a_bound_for_each_form(mailoutbox, settings) -> None:
    settings.PUBLIC_MAILS_PER_HOUR = 5
    answers = [subscribe(f"n{n}@example.org", REMOTE_ADDR=f"192.0.2.{n}") for n in range(20)]
    assert [answer.status_code for answer in answers].count(200) == 5
    assert len(mailed(mailoutbox)) == 5
    assert reset("me@example.org").status_code == 302, "a flood of one keeps nobody from another"


def test_neighbours_in_one_ipv6_network_are_one_client(mailoutbox, settings) -> None:
    settings.PUBLIC_MAILS_PER_NETWORK = 3
    for n in range(9):
        subscribe(f"n{n}@example.org", REMOTE_ADDR=f"2001:db8::{n:x}")
    assert len(mailed(mailoutbox)) == 3
    assert subscribe("x@example.org", REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_clients_behind_a_trusted_proxy_are_told_apart(settings) -> None:
    settings.PUBLIC_MAILS_PER_NETWORK = 1
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    hop = {"REMOTE_ADDR": "10.0.0.1"}
    for n in range(3):
        client = hop | {"HTTP_X_FORWARDED_FOR": f"6.6.6.{n}, 192.0.2.{n}"}
        assert subscribe(f"n{n}@example.org", **client).status_code == 200
    for n in range(3):
        client = hop | {"HTTP_X_FORWARDED_FOR": f"6.6.7.{n}, 192.0.2.1"}
        assert subscribe(f"m{n}@example.org", **client).status_code == 429


@pytest.mark.parametrize("form", FORMS)
def test_a_refusal_tells_nothing_of_an_address(form, rita, settings) -> None:
    settings.PUBLIC_MAILS_PER_NETWORK = 1
    form("first@example.org")
    pages = []
    for name in ("rita", "nobody"):
        answer = form(f"{name}@example.org")
        assert answer.status_code == 429
        pages.append(TOKEN.sub("", answer.content.decode()).replace(name, "…"))
    assert pages[0] == pages[1]


def test_looking_and_mistyping_cost_nothing(settings) -> None:
    settings.PUBLIC_MAILS_PER_NETWORK = 1
    for _ in range(3):
        assert Client().get("/subscribe/").status_code == 200
        assert subscribe("no address").status_code == 200
        assert sign_up("no address").status_code == 200
    assert subscribe("s@example.org").status_code == 200


@pytest.mark.parametrize("email", ["rita@example.org", "stranger@example.org"])
def test_one_address_is_mailed_a_few_times_a_day_whoever_asks(rita, email, mailoutbox) -> None:
    answers = [reset(email, REMOTE_ADDR=f"192.0.2.{n}") for n in range(30)]
    assert {answer.status_code for answer in answers} == {302}, "the answer tells nobody"
    assert mailed(mailoutbox) == [email] * TO_ONE_ADDRESS.amount


@pytest.mark.expects_errors
@pytest.mark.parametrize("form", FORMS)
def test_a_cache_that_is_away_keeps_nobody_out(form, monkeypatch, mailoutbox) -> None:
    fresh = limits.Counters()
    fresh.own.clear()
    monkeypatch.setattr(limits, "counters", fresh)

    def broken(*args, **kwargs):
        raise ConnectionError("nobody there")

    for name in ("add", "incr", "get", "set", "delete", "touch"):
        monkeypatch.setattr(cache, name, broken)
    assert form("nina@example.org").status_code in {200, 302}
    assert mailed(mailoutbox) == ["nina@example.org"]


def test_every_page_that_mails_a_typed_address_is_limited() -> None:
    for name in ("subscribe", "account_signup", "account_reset_password", "account_email"):
        view = resolve(reverse(name)).func.view_class
        assert issubclass(view, LimitedForm), name
