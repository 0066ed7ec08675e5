"""Who may say what where, once."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from blog.models import Post
from blog.services import Refused, unpublish
from comments.models import BODY_LENGTH, MAX_DEPTH, Comment
from comments.services import approve_comment, reject_comment, submit_comment
from comments.signals import comment_submitted
from listeners.audit.models import AuditEntry
from signalflow.testing import captured
from tests.cast import person
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(write) -> Post:
    return write("On mirrors", public=True)


@pytest.fixture
def reader(client, rita) -> Client:
    client.force_login(rita)
    return client


def say(client: Client, post: Post, body: str = "Yes.", **fields: object):
    return client.post(f"/posts/{post.slug}/comments/", {"body": body, **fields})


def test_a_comment_waits_unseen(reader, post) -> None:
    with captured(comment_submitted) as sent:
        answer = say(reader, post, "Bright **indeed**")
    assert answer.status_code == 302
    comment = Comment.objects.get()
    assert answer.headers["Location"] == f"/posts/on-mirrors/#comment-{comment.pk}"
    assert (comment.status, comment.author_name) == ("pending", "rita")
    assert len(sent) == 1
    stranger = Client()
    stranger.force_login(person("stranger"))
    for visitor in (Client(), stranger, Client()):
        assert "indeed" not in visitor.get("/posts/on-mirrors/").content.decode()


def test_visitors_are_sent_to_sign_in(post) -> None:
    answer = say(Client(), post)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")
    assert not Comment.objects.exists()


def test_the_door_takes_signed_in_people_only(post) -> None:
    from django.contrib.auth.models import AnonymousUser

    with pytest.raises(PermissionDenied):
        submit_comment(post, author=AnonymousUser(), body="Yes.")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("", "required"),
        (" \n\t ", "required"),
        ("x" * (BODY_LENGTH + 1), "at most"),
        ("a\0b", "Null characters"),
    ],
)
def test_what_cannot_be_taken_is_said_and_kept_in_the_form(reader, post, body, sentence) -> None:
    answer = say(reader, post, body)
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors["body"])
    assert not Comment.objects.exists()
    if body.strip() and "\0" not in body:
        assert body in answer.content.decode(), "nobody's words are lost"


@pytest.mark.parametrize("body", ["", "  ", "\0", "x" * (BODY_LENGTH + 1)])
def test_the_door_refuses_the_same(post, rita, body) -> None:
    with pytest.raises(ValidationError):
        submit_comment(post, author=rita, body=body)


def test_the_door_leaves_out_what_no_database_keeps(post, rita) -> None:
    comment = submit_comment(post, author=rita, body="a\0b \ud800 c")
    assert Comment.objects.get(pk=comment.pk).body == "ab ? c"


def test_as_long_as_allowed_is_allowed(reader, post) -> None:
    assert say(reader, post, "ä" * BODY_LENGTH).status_code == 302


def test_a_closed_conversation_takes_nothing(reader, post, rita) -> None:
    Post.objects.update(comments_open=False)
    answer = say(reader, post, "My words")
    assert answer.status_code == 422
    assert "does not take comments" in answer.content.decode()
    assert "My words" in answer.content.decode()
    with pytest.raises(Refused):
        submit_comment(post, author=rita, body="Yes.")


def test_a_conversation_ends_by_the_clock_on_kept_pages_too(post, rita, settings) -> None:
    settings.COMMENTS_CLOSE_DAYS = 7
    path = post.get_absolute_url()
    for _ in range(2):
        assert "to write a comment" in Client().get(path).content.decode()
    end = Post.objects.get(pk=post.pk).published_at + timedelta(days=7)
    with time_machine.travel(end + timedelta(seconds=1), tick=False):
        assert "The conversation is closed" in Client().get(path).content.decode()
        with pytest.raises(Refused, match="does not take comments"):
            submit_comment(post, author=rita, body="Late.")
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        submit_comment(post, author=rita, body="In time.")


@pytest.mark.expects_errors
def test_what_is_not_public_has_no_conversation(reader, write, post, rita, ada) -> None:
    draft = write("Hidden")
    assert say(reader, draft).status_code == 404
    stale = Post.objects.get(pk=post.pk)
    unpublish(post, by=ada)
    assert say(reader, post).status_code == 404
    with pytest.raises(Refused):
        submit_comment(stale, author=rita, body="Yes.")
    assert not Comment.objects.exists()


def test_an_answer_stays_under_its_post(reader, write, post, rita) -> None:
    elsewhere = submit_comment(write("Other", public=True), author=rita, body="There")
    approve_comment(elsewhere, by=None)
    pending = submit_comment(post, author=rita, body="Waiting")
    gone = submit_comment(post, author=rita, body="Spam")
    approve_comment(gone, by=None)
    reject_comment(gone, by=None, verdict="spam")
    before = Comment.objects.count()
    for parent in (elsewhere.pk, pending.pk, gone.pk, 10**6, 10**30, -1, "x", "1 OR 1=1"):
        answer = say(reader, post, "Answer", parent=parent)
        assert answer.status_code == 422, parent
        assert "Answer" in answer.content.decode()
    assert Comment.objects.count() == before


def test_a_form_sent_twice_makes_one_comment(reader, post) -> None:
    token = uuid.uuid4()
    for _ in range(3):
        assert say(reader, post, submission=token).status_code == 302
    assert Comment.objects.count() == 1
    assert AuditEntry.objects.filter(verb="submitted").count() == 1


def test_four_clicks_at_once_make_one_comment(post, rita) -> None:
    token = uuid.uuid4()
    with captured(comment_submitted) as sent:
        made = together(
            *[lambda: submit_comment(post, author=rita, body="Yes.", submission=token).pk] * 4
        )
    assert len(set(made)) == 1
    assert Comment.objects.count() == 1
    assert len(sent) >= 1
    assert AuditEntry.objects.filter(verb="submitted").count() == 1


def test_words_changed_after_the_back_button_are_not_lost(reader, post) -> None:
    token = uuid.uuid4()
    for body in ("First thoughts", "Second thoughts", "Second thoughts"):
        say(reader, post, body, submission=token)
    assert list(Comment.objects.order_by("pk").values_list("body", flat=True)) == [
        "First thoughts",
        "Second thoughts",
    ]


def test_somebody_elses_token_is_no_key_to_anything(reader, post, rita) -> None:
    token = uuid.uuid4()
    theirs = submit_comment(post, author=person("other"), body="Same", submission=token)
    assert say(reader, post, "Same", submission=token).status_code == 302
    mine = Comment.objects.exclude(pk=theirs.pk).get()
    assert (mine.author, mine.body) == (rita, "Same")


def test_extra_fields_are_ignored(reader, post, moss, rita) -> None:
    extra = {"status": "approved", "author": moss.pk, "is_pinned": "1", "moderator": moss.pk}
    say(reader, post, "Yes.", body_html="<script>", author_name="moss", path="0", **extra)
    comment = Comment.objects.get()
    assert (comment.status, comment.author, comment.author_name) == ("pending", rita, "rita")
    assert comment.moderator is None
    assert "<script>" not in comment.body_html


# -- threads ------------------------------------------------------------------------------------


def approved(post: Post, author, body: str, parent: Comment | None = None) -> Comment:
    comment = submit_comment(post, author=author, body=body, parent=parent)
    approve_comment(comment, by=None)
    return comment


@trying(
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(parents=st.lists(st.integers(0, 30), min_size=1, max_size=25))
def test_answers_follow_what_they_answer(post, rita, parents) -> None:
    """Thread order is depth first with elder siblings first, whatever answers whatever."""
    Comment.objects.all().delete()
    made: list[Comment] = []
    children: dict[int | None, list[int]] = {}
    for number, choice in enumerate(parents):
        parent = made[choice % len(made)] if made and choice < 25 else None
        made.append(approved(post, rita, str(number), parent))
        children.setdefault(parent and parent.pk, []).append(made[-1].pk)

    def walk(parent: int | None, depth: int) -> list[tuple[int, int]]:
        return [
            row for pk in children.get(parent, []) for row in [(pk, depth), *walk(pk, depth + 1)]
        ]

    shown = Comment.objects.approved().in_thread_order()
    assert [(c.pk, c.depth) for c in shown] == walk(None, 0)


def test_beyond_the_deepest_level_answers_stand_beside(post, rita) -> None:
    comment = None
    for number in range(MAX_DEPTH + 5):
        comment = approved(post, rita, f"level {number}", comment)
    depths = [c.depth for c in Comment.objects.in_thread_order()]
    assert depths == [min(n, MAX_DEPTH - 1) for n in range(MAX_DEPTH + 5)]
    assert Client().get(post.get_absolute_url()).content.decode().count("level ") == MAX_DEPTH + 5


def test_an_answer_outlives_what_it_answered(post, rita) -> None:
    first = approved(post, rita, "First")
    approved(post, rita, "Answer", first)
    first.delete()
    page = Client().get(post.get_absolute_url()).content.decode()
    assert "Answer" in page
    assert "First" not in page
    assert Post.objects.get().comment_count == 1
