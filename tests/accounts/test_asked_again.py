"""What gives access to an account asks for the password again, and its owner hears of it."""

import re

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from listeners.audit.models import AuditEntry
from signalflow.testing import run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/accounts/email/"
ASK = "/accounts/reauthenticate/"
PASSWORD = {"password": "correct horse"}
NEW = {"password1": "another battery", "password2": "another battery"}


@pytest.fixture
def owner(rita) -> User:
    return rita


@pytest.fixture
def browser(owner, client) -> Client:
    client.post("/accounts/login/", {"login": owner.username, **PASSWORD})
    return client


def addresses(user: User) -> set[tuple[str, bool, bool]]:
    return set(user.emailaddress_set.values_list("email", "verified", "primary"))


def told(mailoutbox) -> list[tuple[str, str]]:
    """Who got which notice; the mails that carry links are left out."""
    run_deliveries()
    notices = [m for m in mailoutbox if re.search(r"was (changed|added|removed)", m.subject)]
    return sorted((m.to[0], re.search(r"was \w+", m.subject)[0]) for m in notices)


ACTS = {
    "add": {"action_add": "", "email": "thief@example.org"},
    "make primary": {"action_primary": "", "email": "second@example.org"},
    "remove": {"action_remove": "", "email": "second@example.org"},
}


@pytest.mark.parametrize("act", ACTS)
def test_an_open_browser_is_not_enough(owner, browser, act) -> None:
    owner.emailaddress_set.create(email="second@example.org", verified=True)
    before = addresses(owner)
    answer = browser.post(PAGE, ACTS[act])
    assert answer.headers["Location"] == f"{ASK}?next=%2Faccounts%2Femail%2F"
    page = browser.get(answer.headers["Location"]).content.decode()
    assert "What you had entered is kept" in page
    assert browser.post(ASK, {"password": "wrong", "next": PAGE}).status_code == 200
    assert addresses(owner) == before
    assert browser.post(ASK, {**PASSWORD, "next": PAGE}).headers["Location"] == PAGE
    assert addresses(owner) != before, "what was entered went along"


def test_the_answer_lasts_for_a_while(owner, browser, settings) -> None:
    browser.post(ASK, PASSWORD)
    browser.post(PAGE, ACTS["add"])
    assert owner.emailaddress_set.count() == 2
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert browser.post(PAGE, ACTS["add"] | {"email": "b@example.org"}).status_code == 302
    assert owner.emailaddress_set.count() == 2


def test_every_change_of_addresses_is_told_where_its_owner_reads(
    owner, browser, mailoutbox
) -> None:
    browser.post(ASK, PASSWORD)
    browser.post(PAGE, {"action_add": "", "email": "new@example.org"})
    assert told(mailoutbox) == [("rita@example.org", "was added")]
    assert "n…@example.org" in mailoutbox[-1].body
    assert "new@example.org" not in mailoutbox[-1].body
    mailoutbox.clear()
    owner.emailaddress_set.filter(email="new@example.org").update(verified=True)
    browser.post(PAGE, {"action_primary": "", "email": "new@example.org"})
    assert told(mailoutbox) == [
        ("new@example.org", "was changed"),
        ("rita@example.org", "was changed"),
    ]
    mailoutbox.clear()
    browser.post(PAGE, {"action_remove": "", "email": "rita@example.org"})
    assert told(mailoutbox) == [
        ("new@example.org", "was removed"),
        ("rita@example.org", "was removed"),
    ]
    verbs = AuditEntry.objects.filter(verb__contains="e-mail address").order_by("pk")
    assert [(row.verb, row.actor_name) for row in verbs] == [
        ("added an e-mail address to", "rita"),
        ("changed the e-mail address of", "rita"),
        ("removed an e-mail address of", "rita"),
    ]


def test_nothing_is_told_to_an_address_nobody_confirmed(owner, browser, mailoutbox) -> None:
    browser.post(ASK, PASSWORD)
    browser.post(PAGE, {"action_add": "", "email": "stranger@example.org"})
    browser.post(PAGE, {"action_remove": "", "email": "stranger@example.org"})
    assert told(mailoutbox) == [
        ("rita@example.org", "was added"),
        ("rita@example.org", "was removed"),
    ]


def test_the_only_address_stays(owner, browser) -> None:
    """Two accounts without an address would be one too many for its column."""
    browser.post(ASK, PASSWORD)
    answer = browser.post(PAGE, {"action_remove": "", "email": "rita@example.org"}, follow=True)
    assert "You cannot remove your primary email address" in answer.content.decode()
    assert addresses(owner) == {("rita@example.org", True, True)}


def by_its_page(owner: User, browser: Client) -> None:
    form = {"oldpassword": "correct horse", **NEW}
    assert browser.post("/accounts/password/change/", form).status_code == 302


def by_a_reset(owner: User, browser: Client) -> None:
    owner.refresh_from_db()
    key = f"{user_pk_to_url_str(owner)}-{default_token_generator.make_token(owner)}"
    visitor = Client()
    page = visitor.get(f"/accounts/password/reset/key/{key}/").headers["Location"]
    assert visitor.post(page, NEW).status_code == 302


def in_the_admin(owner: User, browser: Client) -> None:
    User.objects.create_superuser("root", "root@example.org", "correct horse")
    admin = Client()
    admin.force_login(User.objects.get(username="root"))
    admin.post(ASK, PASSWORD)
    path = f"/admin/accounts/user/{owner.pk}/password/"
    assert admin.post(path, {**NEW, "usable_password": "true"}).status_code == 302


def by_a_command(owner: User, browser: Client) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("getpass.getpass", lambda prompt: "another battery")
        call_command("changepassword", "rita")


@pytest.mark.parametrize("way", [by_its_page, by_a_reset, in_the_admin, by_a_command])
def test_a_new_password_is_told_once_whoever_set_it(owner, browser, mailoutbox, way) -> None:
    way(owner, browser)
    assert User.objects.get(pk=owner.pk).check_password("another battery")
    assert told(mailoutbox) == [("rita@example.org", "was changed")]
    assert told(mailoutbox) == [("rita@example.org", "was changed")], "and not again"
    assert AuditEntry.objects.filter(verb="changed the password of").count() == 1


def test_signing_in_with_a_hash_that_is_renewed_tells_nobody(owner, settings, mailoutbox) -> None:
    hasher = "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher"
    settings.PASSWORD_HASHERS = [hasher, *settings.PASSWORD_HASHERS]
    Client().post("/accounts/login/", {"login": "rita", **PASSWORD})
    assert User.objects.get(pk=owner.pk).password.startswith("pbkdf2_sha1$")
    assert told(mailoutbox) == []


# -- the admin ---------------------------------------------------------------------------------


@pytest.fixture
def admin(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", "root@example.org", "correct horse"))
    return client


def test_the_admin_asks_before_accounts_and_rights(admin, rita) -> None:
    group = Group.objects.get(name="Editor")
    base = f"/admin/accounts/user/{rita.pk}"
    for path in (f"{base}/change/", f"{base}/password/", f"{base}/delete/"):
        assert admin.get(path).headers["Location"].startswith(ASK)
        assert admin.post(path, {"post": "yes"}).headers["Location"].startswith(ASK)
    for path in (f"/admin/auth/group/{group.pk}/change/", "/admin/accounts/user/add/"):
        assert admin.get(path).headers["Location"].startswith(ASK)
    bulk = {"action": "delete_selected", "_selected_action": [rita.pk], "post": "yes"}
    assert admin.post("/admin/accounts/user/", bulk).headers["Location"].startswith(ASK)
    assert User.objects.filter(pk=rita.pk).exists()
    for path in ("/admin/accounts/user/", f"{base}/history/", "/admin/auth/group/"):
        assert admin.get(path).status_code == 200, "looking is free"


def test_what_was_typed_in_the_admin_is_sent_after_the_answer(admin) -> None:
    group = Group.objects.get(name="Editor")
    path = f"/admin/auth/group/{group.pk}/change/"
    filtered = f"{path}?_changelist_filters=q%3Ded"
    asked = admin.post(filtered, {"name": "Editors of light", "permissions": []})
    assert admin.get(asked.headers["Location"]).status_code == 200
    admin.post(ASK, {**PASSWORD, "next": path})
    assert Group.objects.get(pk=group.pk).name == "Editors of light"


def test_a_typed_password_waits_nowhere(admin, rita) -> None:
    path = f"/admin/accounts/user/{rita.pk}/password/"
    asked = admin.post(path, {**NEW, "usable_password": "true"})
    assert "another battery" not in str(dict(admin.session))
    assert "What you had entered" not in admin.get(asked.headers["Location"]).content.decode()


def test_what_a_thief_left_waiting_is_not_sent_by_the_owners_answer(admin, rita) -> None:
    path = f"/admin/accounts/user/{rita.pk}/change/"
    admin.post(path, {"username": "rita", "email": "r@example.org", "is_superuser": "on"})
    asked = admin.get(path).headers["Location"]
    assert "What you had entered" not in admin.get(asked).content.decode()
    assert admin.post(ASK, {**PASSWORD, "next": path}).headers["Location"] == path
    assert not User.objects.get(pk=rita.pk).is_superuser
