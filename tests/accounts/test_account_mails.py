"""What the account's pages mail leaves by the outbox, whatever the mail server does."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.signals import account_mail_written
from listeners.notifications.models import Message
from listeners.notifications.server import server
from listeners.notifications.signals import account_mail_queued
from signalflow import NOW, receiver, registry
from signalflow.testing import run_deliveries
from tests.listeners.notifications.mailing import link_in, send_to, text_of
from tests.site import Site

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {
    "username": "nina",
    "email": "nina@example.org",
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}


def sign_up(**changes):
    return Client().post("/accounts/signup/", FORM | changes)


def reset(email: str):
    return Client().post("/accounts/password/reset/", {"email": email})


def sign_in_unconfirmed():
    User.objects.create_user("ute", "ute@example.org", "correct horse")
    return Client().post("/accounts/login/", {"login": "ute", "password": "correct horse"})


def add_address():
    client = Client()
    client.post("/accounts/login/", {"login": "rita", "password": "correct horse"})
    client.post("/accounts/reauthenticate/", {"password": "correct horse"})
    return client.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})


ACTS = {
    "sign-up": (sign_up, "nina@example.org"),
    "sign-up, known": (lambda: sign_up(email="rita@example.org"), "rita@example.org"),
    "new password": (lambda: reset("rita@example.org"), "rita@example.org"),
    "new password, unknown": (lambda: reset("stranger@example.org"), "stranger@example.org"),
    "sign-in, unconfirmed": (sign_in_unconfirmed, "ute@example.org"),
    "further address": (add_address, "new@example.org"),
}


@pytest.mark.parametrize("act", ACTS)
def test_no_request_waits_for_the_mail_server(act, rita, silent, settings, sink):
    page, recipient = ACTS[act]
    assert page().status_code == 302, "as if the server were well"
    assert silent.connections() == 0
    run_deliveries()
    assert silent.connections(), "a worker tried"
    assert sink.mails == []
    server.rests_until = 0.0
    send_to(settings, sink)
    run_deliveries(even_later=True)
    run_deliveries(even_later=True)
    (mail,) = [mail for address, mail in sink.mails if address == recipient]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert Client().get(link_in(text_of(mail))).status_code in {200, 302}


def test_the_mail_is_read_as_it_was_written_before(rita, settings, sink):
    send_to(settings, sink)
    reset("rita@example.org")
    run_deliveries()
    ((_, mail),) = sink.mails
    assert mail["Subject"] == "[Heliograph] Password Reset Email"
    assert "your username is rita" in text_of(mail)
    link = link_in(text_of(mail))
    client = Client()
    form = client.get(link, follow=True)
    new = {"password1": "another horse battery", "password2": "another horse battery"}
    client.post(form.redirect_chain[-1][0], new)
    assert User.objects.get(pk=rita.pk).check_password("another horse battery")


@pytest.fixture
def full_outbox():
    @receiver(account_mail_queued, when=NOW, uid="test.full_outbox")
    def refuse(**kwargs) -> None:
        raise RuntimeError("no room")

    yield
    registry.forget("test.full_outbox")


@pytest.mark.expects_errors
def test_there_is_no_account_without_its_confirmation_mail(full_outbox):
    answer = Client(raise_request_exception=False).post("/accounts/signup/", FORM)
    assert answer.status_code == 500
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_every_mail_has_a_taker_and_one_only():
    assert len(account_mail_written.receivers) == 1


ALONE = """
from django.core.checks import run_checks
from django.test import Client
from accounts.models import User
form = {"username": "nina", "email": "nina@example.org",
        "password1": "correct horse battery", "password2": "correct horse battery"}
answer = Client().post("/accounts/signup/", form, headers={"host": "127.0.0.1"})
result = {
    "status": answer.status_code,
    "people": User.objects.count(),
    "checks": [check.id for check in run_checks() if check.id.startswith("heliograph")],
}
"""


def test_without_the_outbox_the_site_sends_itself_and_says_so(site: Site, sink) -> None:
    without = {"SETTINGS": "tests.settings_without", "WITHOUT": "notifications"}
    told = site.python(ALONE, EMAIL_URL=sink.url, **without)
    assert told == {"status": 302, "people": 1, "checks": ["heliograph.W003"]}
    ((address, mail),) = sink.mails
    assert address == "nina@example.org"
    assert "/accounts/confirm-email/" in link_in(text_of(mail))
    told = site.python(ALONE.replace('"nina', '"nora'), EMAIL_URL="smtp://127.0.0.1:1", **without)
    assert (told["status"], told["people"]) == (302, 2), "a server that refuses is no error"
