"""A verdict is about what its moderator saw; who was told meanwhile is said as it is."""

import html
import re

import pytest
from django.test import Client

from blog.models import Post
from comments import views
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from comments.signals import comment_approved, comment_rejected, notices_asked
from listeners.notifications.models import Message
from signalflow.deliveries import run_one
from signalflow.models import Delivery
from signalflow.testing import captured, run_deliveries
from tests.cast import person
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "/studio/comments/"


@pytest.fixture
def post(write) -> Post:
    return write("On mirrors", public=True)


@pytest.fixture
def comment(post, rita) -> Comment:
    return submit_comment(post, author=rita, body="Bright indeed")


@pytest.fixture
def petra(db):
    return person("petra", "Moderator", first_name="Petra", last_name="P.")


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def forms(text: str) -> dict[str, dict[str, str]]:
    """The buttons of a page: the fields each one sends, and where to."""
    found = {}
    for action, inner in re.findall(r'action="([^"]*)"[^>]*>(.*?)</form>', text, re.DOTALL):
        fields = dict(re.findall(r'name="(next|seen)" value="([^"]*)"', inner))
        if fields:
            (label,) = re.findall(r"<button[^>]*>([^<]*)</button>", inner)
            values = {name: html.unescape(value) for name, value in fields.items()}
            found[f"{label} {re.findall(r'[0-9]+', action)[0]}"] = {"action": action, **values}
    return found


def press(client: Client, page: str, button: str):
    fields = forms(page)[button]
    return client.post(fields.pop("action"), fields)


def read(client: Client, address: str = QUEUE) -> str:
    return client.get(address).content.decode()


def test_the_second_of_two_who_differ_is_told_and_decides_anew(moss, petra, comment) -> None:
    first, second = client_of(petra), client_of(moss)
    older = read(second)
    press(first, read(first), f"Approve {comment.pk}")
    run_deliveries()
    with captured(comment_approved, comment_rejected) as sent:
        answer = press(second, older, f"Trash {comment.pk}")
    text = answer.content.decode()
    assert (answer.status_code, sent) == (409, [])
    assert Comment.objects.get().status == "approved"
    assert "Petra P. approved it on " in text
    mail = Message.objects.get(recipient="rita@example.org")
    assert f"Its author was told on {mail.sent_at:%-d %B %Y, %H:%M} that it is public." in text
    assert "1 other was told." in text
    answer = press(second, text, f"Trash {comment.pk}")
    assert (answer.status_code, answer.headers["Location"]) == (302, QUEUE)
    assert Comment.objects.get().status == "trash"
    assert "Its author was told on " in read(second), "a verdict that takes back says it too"


def test_a_mail_that_waits_is_said_to_stay(moss, petra, comment) -> None:
    approve_comment(comment, by=petra)
    row = Delivery.objects.get(receiver__endswith="queue_approval_mail", state="pending")
    run_one(row.pk)
    older = read(client_of(petra), f"{QUEUE}?status=approved")
    reject_comment(comment, by=moss, verdict="spam")
    text = press(client_of(petra), older, f"Trash {comment.pk}").content.decode()
    assert "moss called it spam on " in text
    assert "The mail to its author waits and will not leave now." in text
    run_deliveries()
    assert Message.objects.get(recipient="rita@example.org").state == "cancelled"
    text = press(client_of(petra), older, f"Trash {comment.pk}").content.decode()
    assert "The mail to its author was stopped before it left." in text


def test_what_nobody_was_told_is_said_so(moss, petra, comment) -> None:
    older = read(client_of(moss))
    reject_comment(comment, by=petra, verdict="spam")
    text = press(client_of(moss), older, f"Approve {comment.pk}").content.decode()
    assert "No mail about it has left." in text


@pytest.mark.expects_errors
def test_a_listener_that_fails_stops_no_answer(moss, petra, comment) -> None:
    def stumble(**kwargs: object) -> None:
        raise RuntimeError

    older = read(client_of(moss))
    approve_comment(comment, by=petra)
    notices_asked.connect(stumble)
    try:
        assert press(client_of(moss), older, f"Spam {comment.pk}").status_code == 409
    finally:
        assert notices_asked.disconnect(stumble)


def test_there_and_back_is_another_state_than_was_seen(moss, petra, comment) -> None:
    approve_comment(comment, by=petra)
    older = read(client_of(moss), f"{QUEUE}?status=approved")
    reject_comment(comment, by=petra, verdict="spam")
    approve_comment(comment, by=petra)
    assert press(client_of(moss), older, f"Trash {comment.pk}").status_code == 409
    assert Comment.objects.get().status == "approved"


def test_who_agrees_is_not_asked(moss, petra, comment) -> None:
    older = read(client_of(moss))
    approve_comment(comment, by=petra)
    answer = press(client_of(moss), older, f"Approve {comment.pk}")
    assert answer.status_code == 302


def test_who_does_not_say_what_they_saw_saw_it_waiting(moss, petra, comment) -> None:
    approve_comment(comment, by=petra)
    assert client_of(moss).post(f"{QUEUE}{comment.pk}/trash/").status_code == 409
    assert client_of(moss).post(f"{QUEUE}{comment.pk}/trash/", {"seen": "\0"}).status_code == 409
    assert Comment.objects.get().status == "approved"


def test_of_two_at_once_one_decides(moss, petra, comment) -> None:
    seen = Comment.objects.get().seen
    for _ in range(4):
        Comment._base_manager.update(status="pending", moderated_at=None, moderator=None)
        with captured(comment_approved, comment_rejected) as sent:
            answers = together(
                lambda: approve_comment(Comment.objects.get(), by=moss, seen=seen),
                lambda: reject_comment(Comment.objects.get(), by=petra, verdict="spam", seen=seen),
            )
        assert len(sent) == 1
        assert sorted(answer.changed for answer in answers) == [False, True]
        assert [answer.is_contested for answer in answers if not answer.changed] == [True]


# -- where the moderator is afterwards ----------------------------------------------------------


def test_from_the_post_the_moderator_stays_in_the_conversation(moss, post, rita) -> None:
    rows = [submit_comment(post, author=rita, body=f"No {n}") for n in range(3)]
    for row in rows:
        approve_comment(row, by=None)
    client, page = client_of(moss), "/posts/on-mirrors/?comments=last"
    answer = press(client, read(client, page), f"Spam {rows[1].pk}")
    assert answer.headers["Location"] == f"{page}#comment-{rows[0].pk}"
    text = read(client, page)
    assert f'id="comment-{rows[0].pk}"' in text
    assert "is in Spam" in text
    answer = press(client, text, f"Trash {rows[0].pk}")
    assert answer.headers["Location"] == f"{page}#conversation"


def test_in_the_queue_the_moderator_goes_on_with_the_next(moss, post, rita, monkeypatch) -> None:
    monkeypatch.setattr(views.QueueView, "paginate_by", 3)
    rows = [submit_comment(post, author=rita, body=f"No {n}") for n in range(4)]
    client = client_of(moss)
    for address, row, anchor in [
        (QUEUE, rows[0], f"#comment-{rows[1].pk}"),
        (QUEUE, rows[3], f"#comment-{rows[2].pk}"),
        (QUEUE, rows[1], f"#comment-{rows[2].pk}"),
        (f"{QUEUE}?page=2", rows[2], ""),
    ]:
        text = read(client, address)
        answer = press(client, text, f"Approve {row.pk}")
        assert answer.headers["Location"] == f"{address}{anchor}"
        follow = client.get(answer.headers["Location"])
        assert follow.status_code == 200, "also where the last of a page is gone"
        assert not anchor or f'id="{anchor[1:]}"' in follow.content.decode()
