"""Signing up through the real pages: who is welcomed, who is told what, who can tell whom."""

import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from accounts.signals import user_registered
from listeners.audit.models import AuditEntry
from signalflow import NOW, receiver, registry
from signalflow.testing import captured, run_deliveries

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {
    "username": "nina",
    "email": "nina@example.org",
    "password1": "correct horse battery",
    "password2": "correct horse battery",
}


def sign_up(**changes: str) -> Client:
    client = Client()
    client.answer = client.post("/accounts/signup/", FORM | changes)
    return client


def mails(subject: str) -> list[str]:
    return [m.to[0] for m in mail.outbox if subject in m.subject]


def link_in(text: str) -> str:
    return re.search(r"http://127\.0\.0\.1:8000(/accounts/\S+)", text)[1]


def test_a_new_person_confirms_and_is_welcomed_once(mailoutbox) -> None:
    with captured(user_registered) as sent:
        client = sign_up()
    assert client.answer.status_code == 302
    assert [e.arguments["user"].username for e in sent] == ["nina"]
    assert mailoutbox == [], "not in the request"
    run_deliveries()
    assert mails("Welcome") == [], "not before the address is confirmed"
    assert client.get("/accounts/profile/").status_code == 302, "not signed in yet"
    (confirmation,) = [m for m in mailoutbox if "/accounts/confirm-email/" in m.body]
    path = link_in(confirmation.body)
    assert client.get(path).status_code == 200
    user = User.objects.get()
    assert not user.emailaddress_set.get().verified, "looking confirms nothing"
    assert client.post(path).status_code == 302
    assert user.emailaddress_set.get().verified
    answer = client.post("/accounts/login/", {"login": "nina", "password": FORM["password1"]})
    assert answer.status_code == 302
    assert client.get("/accounts/profile/").status_code == 200
    run_deliveries()
    run_deliveries(even_later=True)
    assert mails("Welcome") == ["nina@example.org"]
    assert user.profile
    assert user.preferences.email_notifications
    assert not user.groups.exists()


def test_nobody_else_is_welcomed(mailoutbox) -> None:
    with captured(user_registered) as sent:
        User.objects.create_user("made", "made@example.org")
        User.objects.create_superuser("root", "root@example.org")
        User.objects.bulk_create([User(username="bulk", email="bulk@example.org")])
        call_command("createsuperuser", "--noinput", username="cmd", email="cmd@example.org")
    run_deliveries()
    assert sent == []
    assert mailoutbox == []


def test_signing_up_is_on_record_once() -> None:
    sign_up()
    entry = AuditEntry.objects.get(verb="registered")
    assert (entry.actor_name, entry.target_label) == ("nina", "nina")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "RITA"),
        ("username", "a\0b"),
        ("username", "x" * 10_000),
        ("username", "two words"),
        ("username", "line\nbreak"),
        ("email", "no address"),
        ("email", "nina@example.org\nBcc: victim@example.org"),
        ("email", "x" * 300 + "@example.org"),
        ("password1", "short"),
        ("password2", "another horse battery"),
    ],
)
def test_what_does_not_fit_is_a_sentence(rita, mailoutbox, field, value) -> None:
    client = sign_up(**{field: value})
    assert client.answer.status_code == 200
    assert client.answer.context["form"].errors
    assert User.objects.count() == 1
    run_deliveries()
    assert mailoutbox == []


def test_extra_fields_give_no_rights() -> None:
    sign_up(is_staff="on", is_superuser="on", groups="1", is_active="", post_count="9")
    user = User.objects.get()
    assert not user.is_staff
    assert not user.is_superuser
    assert user.is_active
    assert not user.groups.exists()


@pytest.fixture
def fail_at_registration():
    @receiver(user_registered, when=NOW, uid="test.refuse_registration")
    def refuse(**kwargs) -> None:
        raise RuntimeError("no more people")

    yield
    registry.forget("test.refuse_registration")


@pytest.mark.expects_errors
def test_a_sign_up_that_fails_leaves_nobody_behind(fail_at_registration) -> None:
    """The contract of `user_registered`: an exception undoes the sign-up."""
    client = Client(raise_request_exception=False)
    assert client.post("/accounts/signup/", FORM).status_code == 500
    assert not User.objects.exists()
    assert not AuditEntry.objects.exists()


# -- nobody can tell who has an account -----------------------------------------------------------


def same_answer(one, two, *names: str) -> None:
    assert one.status_code == two.status_code
    assert one.headers.get("Location") == two.headers.get("Location")
    texts = [answer.content.decode() for answer in (one, two)]
    for name in names:
        texts = [text.replace(name, "…") for text in texts]
    tokens = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert tokens.sub("", texts[0]) == tokens.sub("", texts[1])


@pytest.fixture
def known(rita) -> User:
    return rita


def test_signing_up_with_a_known_address_tells_only_its_owner(known, mailoutbox) -> None:
    fresh = sign_up(username="fresh", email="fresh@example.org")
    taken = sign_up(username="other", email="RITA@example.org")
    same_answer(fresh.answer, taken.answer)
    one, two = (c.get(c.answer.headers["Location"]) for c in (fresh, taken))
    same_answer(one, two, "fresh@example.org", "RITA@example.org", "rita@example.org")
    assert not User.objects.filter(username="other").exists()
    run_deliveries()
    assert [m.to for m in mailoutbox] == [["fresh@example.org"], ["rita@example.org"]]


def test_asking_for_a_password_tells_nothing(known) -> None:
    path = "/accounts/password/reset/"
    answers = [
        Client().post(path, {"email": email})
        for email in ("rita@example.org", "stranger@example.org")
    ]
    same_answer(*answers)
    assert answers[0].status_code == 302


def test_a_wrong_sign_in_tells_nothing(known) -> None:
    answers = [
        Client().post("/accounts/login/", {"login": login, "password": "wrong"})
        for login in ("rita", "nobody-here")
    ]
    same_answer(*answers, "rita", "nobody-here")
    by_address = [
        Client().post("/accounts/login/", {"login": login, "password": "wrong"})
        for login in ("rita@example.org", "stranger@example.org")
    ]
    same_answer(*by_address, "rita@example.org", "stranger@example.org")


def test_the_link_in_a_reset_mail_is_the_sites_own(known, mailoutbox) -> None:
    for headers in (
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"HTTP_HOST": "localhost:1234"},
    ):
        Client().post("/accounts/password/reset/", {"email": known.email}, **headers)
    run_deliveries()
    assert len(mailoutbox) == 3
    for sent in mailoutbox:
        assert "evil.example" not in sent.body
        assert "localhost:1234" not in sent.body
        assert "http://127.0.0.1:8000/accounts/password/reset/key/" in sent.body
