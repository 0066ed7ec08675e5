"""What operators are told while the mail server is dead, and when it is back."""

import logging
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from listeners.notifications.models import Message
from listeners.notifications.outbox import Recipient, enqueue
from signalflow.testing import run_deliveries
from tests.cast import person
from tests.site import free_port

APP = "listeners.notifications"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator() -> Client:
    client = Client()
    alma = person("alma", "Administrator")
    alma.is_staff = True
    alma.save(update_fields=["is_staff"])
    client.force_login(alma)
    return client


@pytest.fixture
def dead(settings) -> None:
    """Nobody listens where the mail server should be."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 5


def welcome(name: str, count: int = 1) -> None:
    user = person(name)
    people = [Recipient(f"{name}{n}@example.org") for n in range(count)]
    enqueue("welcome", f"user:{user.pk}:again", people, user=user.pk, was_confirmed=True)


def line(client: Client) -> str:
    """What stands above the list of posts."""
    page = client.get("/studio/").content.decode()
    _, found, rest = page.partition("Somebody should look:")
    return " ".join(strip_tags(rest.partition("</li>")[0]).split()) if found else ""


def health(client: Client) -> str:
    return client.get("/studio/signals/").content.decode()


def told(client: Client) -> dict:
    answer = client.get("/healthz/ready/")
    assert answer.status_code == 200, "readers are served all the same"
    return answer.json()["mail"]


def healthy() -> None:
    """Everything else is in order."""
    call_command("publish_scheduled_posts")
    call_command("reconcile")
    run_deliveries()


def test_a_dead_mail_server_is_told_until_it_is_back(
    administrator, client, settings, sink, dead
) -> None:
    healthy()
    Message.objects.all().delete()
    assert "mail" not in line(administrator)
    welcome("bob", 2)
    run_deliveries()
    assert line(administrator) == "Mail server. To the health page"
    assert "just now: the mail server does not answer" in health(administrator)
    mail = told(client)
    assert mail["status"] == "look at this"
    assert mail["server"] == "failing"
    assert mail["unsent"] >= 2
    assert settings.EMAIL_HOST not in str(mail)
    assert "@" not in str(mail)

    settings.EMAIL_PORT = int(sink.url.rpartition(":")[2])
    run_deliveries(even_later=True)
    assert "bob1@example.org" in sink.recipients
    assert line(administrator) == ""
    mail = told(client)
    assert mail == {
        "status": "ok",
        "unsent": 0,
        "oldest_unsent": None,
        "refused_of_last_50": 0,
        "server": "ok",
    }


def test_mail_that_waits_too_long_is_told_though_nothing_was_tried(administrator, client) -> None:
    healthy()
    welcome("bob")
    assert told(client)["status"] == "ok", "it has just been queued"
    oldest = Message.objects.get(recipient="bob0@example.org").created_at
    with time_machine.travel(timezone.now() + timedelta(minutes=20), tick=False):
        assert "Unsent mail" in line(administrator)
        assert "1 waits, queued 20" in health(administrator).replace("\xa0", " ")
        mail = told(client)
    assert mail["status"] == "look at this"
    assert mail["oldest_unsent"] <= oldest.isoformat()


def test_refusals_are_told_when_they_are_the_rule(administrator, client, settings, sink) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sink.url.rpartition(":")[2])
    healthy()
    sink.refuse = lambda address: "550 No" if address == "bob0@example.org" else None
    welcome("bob", 3)
    run_deliveries()
    assert told(client)["status"] == "ok", "one wrong address is everyday life"
    assert told(client)["refused_of_last_50"] == 1
    sink.refuse = lambda address: "550 We do not like you"
    welcome("eve", 9)
    run_deliveries()
    assert told(client)["status"] == "look at this"
    assert "Refused mail" in line(administrator)


def test_authors_are_not_bothered(client, dead) -> None:
    client.force_login(person("nina", "Author"))
    welcome("bob")
    run_deliveries()
    assert line(client) == ""


def test_administrators_read_the_outbox_without_what_opens_an_account(administrator) -> None:
    welcome("bob")
    message = Message.objects.get(recipient="bob0@example.org")
    opening = {"link": "https://x.example/secret-token"}
    Message.objects.filter(pk=message.pk).update(data=opening, secret=opening)
    listed = administrator.get("/admin/notifications/message/").content.decode()
    assert "bob0@example.org" in listed
    page = administrator.get(f"/admin/notifications/message/{message.pk}/change/").content.decode()
    assert "bob0@example.org" in page
    assert "secret-token" not in page
    assert (
        administrator.post(f"/admin/notifications/message/{message.pk}/delete/").status_code == 403
    )
    assert administrator.get("/admin/notifications/subscription/").status_code == 403


def test_a_group_from_before_is_given_the_right_once() -> None:
    group = Group.objects.get(name="Administrator")
    right = Permission.objects.get(codename="view_message")
    group.permissions.remove(right)
    migration = import_module(f"{APP}.migrations.0002_administrators_read_the_outbox")
    migration.let_administrators_read(apps, None)
    assert right in group.permissions.all()

    group.permissions.remove(right)
    call_command("migrate", verbosity=0)
    assert right not in group.permissions.all(), "what was taken away stays away"

    Group.objects.filter(name="Administrator").delete()
    migration.let_administrators_read(apps, None)
    assert not Group.objects.filter(name="Administrator").exists()


def test_a_server_that_goes_silent_in_the_middle_is_told(
    administrator, monkeypatch: pytest.MonkeyPatch, logged_errors: list[logging.LogRecord]
) -> None:
    def hang(*_: object, **__: object) -> None:
        raise TimeoutError("timed out")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", hang)
    healthy()
    welcome("bob")
    run_deliveries()
    assert "the mail server went silent" in health(administrator)
