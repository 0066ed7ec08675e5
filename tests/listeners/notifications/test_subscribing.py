"""Nobody is mailed who did not ask for it twice, and nobody learns who did."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from listeners.notifications.models import Message, Subscription
from listeners.notifications.subscribing import CONFIRM_DAYS, confirm, subscribe, unsubscribe
from signalflow.testing import run_deliveries
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def ask(email: str = "s@example.org", **about: str):
    query = "&".join(f"{name}={value}" for name, value in about.items())
    return Client().post(f"/subscribe/?{query}", {"email": email})


def link_of(mailoutbox) -> str:
    """The confirmation link of the newest mail."""
    return re.search(r"http://127\.0\.0\.1:8000(/subscribe/confirm/\S+)", mailoutbox[-1].body)[1]


def hours_pass(hours: float) -> None:
    shift = timedelta(hours=hours)
    Subscription.objects.update(requested_at=F("requested_at") - shift)
    Message.objects.update(created_at=F("created_at") - shift)


def test_only_two_yeses_make_a_subscription(mailoutbox) -> None:
    assert ask("S@Example.org").status_code == 200
    row = Subscription.objects.get()
    assert (row.email, row.target, row.is_active) == ("s@example.org", "site", False)
    run_deliveries()
    (mail,) = mailoutbox
    assert mail.to == ["s@example.org"]
    assert "List-Unsubscribe" not in mail.extra_headers, "nothing to end yet"
    link = link_of(mailoutbox)
    assert Client().get(link).status_code == 200
    assert Client().head(link).status_code == 200
    assert not Subscription.objects.get().is_active, "a mail scanner follows links, too"
    for _ in range(2):
        answer = Client().post(link)
        assert "You are subscribed" in answer.content.decode()
    assert Subscription.objects.get().is_active


def test_one_may_follow_a_tag_an_author_and_a_conversation(write, ada, mailoutbox) -> None:
    post = write("On mirrors", public=True, tags=["sun"])
    run_deliveries()
    for about, target, words in [
        ({"tag": "sun"}, f"tag:{post.tags.get().pk}", "the tag sun"),
        ({"author": "ada"}, f"author:{ada.pk}", "the posts of ada"),
        ({"post": "on-mirrors"}, f"thread:{post.pk}", "On mirrors"),
    ]:
        page = Client().get("/subscribe/", about)
        assert words in page.content.decode()
        assert ask(**about).status_code == 200
        run_deliveries()
        assert words in mailoutbox[-1].body
        Client().post(link_of(mailoutbox))
        assert Subscription.objects.active().filter(target=target).exists()
    assert Subscription.objects.count() == 3


@pytest.mark.expects_errors
def test_what_nobody_may_see_nobody_can_follow(write, ada, rita) -> None:
    draft = write("Secret plans", tags=["moon"])
    for about in (
        {"post": draft.slug},
        {"author": "ada"},
        {"author": "rita"},
        {"tag": "none"},
        {"post": "\0"},
        {"author": "x" * 10_000},
    ):
        assert Client().get("/subscribe/", about).status_code == 404
        assert Client().post("/subscribe/?" + "&".join(f"{n}={v}" for n, v in about.items()))
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "email",
    [
        "",
        "no address",
        "a@b",
        "a@example.org\nBcc: victim@example.org",
        "a@example.org\r\n\r\nbody",
        "a@example.org,b@example.org",
        "a\0@example.org",
        "x" * 250 + "@example.org",
        "<script>@example.org",
    ],
)
def test_what_is_no_address_is_refused(email, mailoutbox) -> None:
    answer = ask(email)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    run_deliveries()
    assert mailoutbox == []
    assert not Subscription.objects.exists()


def test_a_machine_that_fills_every_field_gets_a_friendly_nothing(mailoutbox) -> None:
    form = {"email": "s@example.org", "homepage": "https://spam.example"}
    answer = Client().post("/subscribe/", form)
    assert answer.content == ask().content
    assert Subscription.objects.count() == 1


def test_the_answer_tells_nothing_about_an_address(rita, mailoutbox) -> None:
    Subscription.objects.create(
        email="active@example.org", target="site", label="x", confirmed_at=timezone.now()
    )
    Subscription.objects.create(
        email="ended@example.org",
        target="site",
        label="x",
        confirmed_at=timezone.now(),
        ended_at=timezone.now(),
    )
    answers = {}
    for name in ("active", "ended", "rita", "fresh"):
        answer = ask(f"{name}@example.org")
        text = answer.content.decode().replace(f"{name}@", "…@")
        answers[name] = (answer.status_code, text, sorted(answer.headers), answer.cookies.output())
    assert len(set(map(str, answers.values()))) == 1
    run_deliveries()
    assert sorted(m.to[0] for m in mailoutbox) == [
        "ended@example.org",
        "fresh@example.org",
        "rita@example.org",
    ], "who is subscribed already is left alone"


def test_a_hundred_requests_are_one_mail(mailoutbox) -> None:
    for _ in range(100):
        ask()
    run_deliveries()
    assert len(mailoutbox) == 1


def test_one_address_is_asked_a_few_times_a_day_at_most(mailoutbox) -> None:
    for number in range(20):
        subscribe("victim@example.org", f"tag:{number}", f"the tag {number}")
    run_deliveries()
    assert len(mailoutbox) == 5
    for _ in range(23):
        hours_pass(1)
        subscribe("victim@example.org", "site", "all new posts")
        run_deliveries()
    assert len(mailoutbox) <= 5
    hours_pass(2)
    subscribe("victim@example.org", "site", "all new posts")
    run_deliveries()
    assert len(mailoutbox) == 6, "a new day"


def test_a_late_link_does_nothing_and_a_new_request_mends_it(mailoutbox) -> None:
    ask()
    run_deliveries()
    link = link_of(mailoutbox)
    hours_pass(CONFIRM_DAYS * 24 + 1)
    assert Client().post(link).status_code == 404
    assert not Subscription.objects.get().is_active
    ask()
    run_deliveries()
    assert Client().post(link_of(mailoutbox)).status_code == 200
    assert Subscription.objects.get().is_active


def test_a_mail_that_waited_does_not_ask_what_was_answered(mailoutbox) -> None:
    ask()
    confirm(Subscription.objects.get().token)
    run_deliveries()
    assert mailoutbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}


@pytest.mark.parametrize("hours", [0, 2])
def test_who_ended_it_can_begin_again_at_once(mailoutbox, hours) -> None:
    ask()
    run_deliveries()
    old = link_of(mailoutbox)
    Client().post(old)
    unsubscribe(Subscription.objects.get().token)
    hours_pass(hours)
    ask()
    assert not Subscription.objects.get().is_active, "asking is not enough"
    run_deliveries()
    assert len(mailoutbox) == 2, "the page promises a mail"
    new = link_of(mailoutbox)
    assert new != old
    assert Client().post(old).status_code == 404, "a link in an old mail revives nothing"
    assert Client().post(new).status_code == 200
    assert Subscription.objects.get().is_active


def test_an_ended_subscription_is_not_confirmed_by_its_old_link(mailoutbox) -> None:
    ask()
    run_deliveries()
    row = Subscription.objects.get()
    unsubscribe(row.token)
    assert confirm(row.token) is None
    assert not Subscription.objects.get().is_active


def test_four_requests_at_once_are_one_wish(mailoutbox) -> None:
    together(*[lambda: subscribe("s@example.org", "site", "all new posts")] * 4)
    run_deliveries()
    assert Subscription.objects.count() == 1
    assert len(mailoutbox) == 1


def test_subscribing_by_form_needs_a_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/subscribe/", {"email": "s@example.org"}).status_code == 403
    assert not Subscription.objects.exists()
    assert not User.objects.exists()
