"""Whoever changes an address, its old owner hears of it, once."""

import re

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.signals import email_changed
from listeners.audit.models import AuditEntry
from listeners.notifications.models import Message
from signalflow.testing import captured, run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)


def notices(mailoutbox) -> list[tuple[list[str], str]]:
    return [(m.to, m.body) for m in mailoutbox if "was changed" in m.subject]


def test_saving_another_address_mails_the_old_one_once(rita, mailoutbox) -> None:
    rita.email = "new@example.org"
    with captured(email_changed) as sent:
        rita.save()
        rita.save()
        rita.save(update_fields=["email"])
    assert [(e.arguments["old"], e.arguments["new"]) for e in sent] == [
        ("rita@example.org", "new@example.org")
    ]
    assert mailoutbox == [], "not inside the save"
    run_deliveries()
    run_deliveries()
    ((to, body),) = notices(mailoutbox)
    assert to == ["rita@example.org"]
    assert "new@example.org" not in body, "the stranger does not learn the new address"
    assert "n…@example.org" in body
    assert AuditEntry.objects.filter(verb="changed the e-mail address of").count() == 1


def test_what_does_not_write_the_address_is_silent(rita, mailoutbox) -> None:
    with captured(email_changed) as sent:
        rita.email = "never@example.org"
        rita.first_name = "Rita"
        rita.save(update_fields=["first_name"])
        User.objects.get(pk=rita.pk).save()
        User.objects.defer("email").get(pk=rita.pk).save()
        User.objects.create_user("fresh", "fresh@example.org")
    assert sent == []
    assert User.objects.get(pk=rita.pk).email == "rita@example.org"


def test_a_change_that_is_undone_mails_nobody(rita, mailoutbox) -> None:
    rita.email = "new@example.org"
    with pytest.raises(RuntimeError), transaction.atomic():
        rita.save()
        raise RuntimeError
    run_deliveries()
    assert mailoutbox == []
    assert not AuditEntry.objects.filter(verb__startswith="changed").exists()


def test_there_and_back_are_two_changes(rita, mailoutbox) -> None:
    rita.emailaddress_set.create(email="new@example.org", verified=True)
    for email in ("new@example.org", "rita@example.org"):
        rita.email = email
        rita.save()
    run_deliveries()
    told = sorted(to for (to,), _ in notices(mailoutbox))
    assert told == ["new@example.org", "rita@example.org", "rita@example.org"]


def test_the_notice_goes_out_though_the_account_has_no_preferences(rita, mailoutbox) -> None:
    rita.preferences.delete()
    user = User.objects.get(pk=rita.pk)
    user.email = "new@example.org"
    user.save()
    run_deliveries()
    assert Message.objects.get().state == "sent"


def test_the_pages_of_the_account_mail_the_old_address_once(rita, mailoutbox) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "rita", "password": "correct horse"})
    client.post("/accounts/reauthenticate/", {"password": "correct horse"})
    path = "/accounts/email/"
    with captured(email_changed) as sent:
        client.post(path, {"action_add": "", "email": "new@example.org"})
        assert sent == [], "not before the new address is confirmed"
        run_deliveries()
        (confirmation,) = [m for m in mailoutbox if "confirm-email" in m.body]
        assert confirmation.to == ["new@example.org"]
        link = re.search(r"http://127\.0\.0\.1:8000(/\S+)", confirmation.body)[1]
        client.post(link)
        client.post(path, {"action_primary": "", "email": "new@example.org"})
    assert User.objects.get(pk=rita.pk).email == "new@example.org"
    assert len(sent) == 1
    run_deliveries()
    told = {to[0]: body for to, body in notices(mailoutbox)}
    assert sorted(told) == ["new@example.org", "rita@example.org"], "both, and once each"
    assert "n…@example.org" in told["rita@example.org"]
    assert "new@example.org" in told["new@example.org"]
    entry = AuditEntry.objects.get(verb="changed the e-mail address of")
    assert entry.actor_name == "rita"


def test_an_unconfirmed_address_does_not_become_the_accounts(rita, mailoutbox) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "rita", "password": "correct horse"})
    client.post("/accounts/reauthenticate/", {"password": "correct horse"})
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    client.post("/accounts/email/", {"action_primary": "", "email": "new@example.org"})
    assert User.objects.get(pk=rita.pk).email == "rita@example.org"
    run_deliveries()
    assert notices(mailoutbox) == []
