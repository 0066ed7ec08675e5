"""One moderator decides, the second one is told; everybody else is kept out."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client

from blog.models import Post
from blog.services import Refused, delete_post, unpublish
from comments.models import Comment
from comments.services import approve_comment, reject_comment, submit_comment
from comments.signals import comment_approved, comment_rejected
from listeners.audit.models import AuditEntry
from signalflow.models import Delivery
from signalflow.testing import captured, run_deliveries
from tests.cast import person
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(write) -> Post:
    return write("On mirrors", public=True)


@pytest.fixture
def comment(post, rita) -> Comment:
    return submit_comment(post, author=rita, body="Bright indeed")


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(user, comment: Comment, what: str, **fields: str):
    """A click on a page that shows the comment as it is now."""
    path = f"/studio/comments/{comment.pk}/{what}/"
    row = Comment.objects.filter(pk=comment.pk).first()
    seen = {"seen": row.seen} if row else {}
    return client_of(user).post(path, seen | fields, follow=bool(not fields))


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_approving_makes_public_and_says_so(moss, comment, post) -> None:
    with captured(comment_approved) as sent:
        answer = act(moss, comment, "approve")
    assert said(answer) == ["The comment of rita is public now."]
    (emission,) = sent
    comment.refresh_from_db()
    assert emission.arguments["moderator"] == comment.moderator == moss
    assert emission.arguments["approval_date"] == comment.moderated_at
    assert "Bright indeed" in Client().get(post.get_absolute_url()).content.decode()
    assert Post.objects.get().comment_count == 1


def test_the_second_moderator_is_told_who_was_first(moss, comment) -> None:
    petra = person("petra", "Moderator", first_name="Petra", last_name="P.")
    act(petra, comment, "approve")
    with captured(comment_approved, comment_rejected) as sent:
        (told,) = said(act(moss, comment, "approve"))
    assert told.startswith("Petra P. approved it on "), told
    assert sent == []
    assert Comment.objects.get().moderator == petra
    petra.delete()
    assert said(act(moss, comment, "approve"))[0].startswith("Somebody approved it on ")


def test_a_verdict_may_be_changed_and_is_counted(moss, comment, post) -> None:
    for what, count, text in [
        ("approve", 1, "public now"),
        ("spam", 0, "is in Spam"),
        ("trash", 0, "is in Trash"),
        ("approve", 1, "public now"),
    ]:
        assert text in said(act(moss, comment, what))[0]
        assert Post.objects.get().comment_count == count
        shown = "Bright indeed" in Client().get(post.get_absolute_url()).content.decode()
        assert shown is bool(count)
    assert AuditEntry.objects.filter(target_type="comments.comment").count() == 5


def test_rejecting_says_whether_readers_had_seen_it(comment, ada, post) -> None:
    with captured(comment_rejected) as sent:
        reject_comment(comment, by=None, verdict="spam")
        approve_comment(comment, by=None)
        reject_comment(comment, by=None, verdict="trash")
        approve_comment(comment, by=None)
        unpublish(post, by=ada)
        reject_comment(comment, by=None, verdict="spam")
    assert [e.arguments["was_public"] for e in sent] == [False, True, False]


def test_nobody_else_moderates(comment, ada, bruno, rita) -> None:
    for person_ in (ada, bruno, rita):
        for what in ("approve", "spam", "trash"):
            assert act(person_, comment, what).status_code == 403
        with pytest.raises(PermissionDenied):
            approve_comment(comment, by=person_)
        with pytest.raises(PermissionDenied):
            reject_comment(comment, by=person_, verdict="spam")
        assert client_of(person_).get("/studio/comments/").status_code == 403
    assert Client().post(f"/studio/comments/{comment.pk}/approve/").status_code == 302
    assert Comment.objects.get().status == "pending"


def test_the_author_of_a_post_does_not_approve_under_it(comment, ada) -> None:
    with pytest.raises(PermissionDenied):
        approve_comment(comment, by=ada)


@pytest.mark.expects_errors
def test_looking_changes_nothing(moss, comment) -> None:
    client = client_of(moss)
    before = list(Comment.objects.values()), AuditEntry.objects.count(), Delivery.objects.count()
    for what in ("approve", "spam", "trash", "nonsense"):
        for method in (client.get, client.head, client.put, client.delete, client.options):
            method(f"/studio/comments/{comment.pk}/{what}/")
    for status in ("pending", "approved", "spam", "trash", "nonsense", ""):
        assert client.get("/studio/comments/", {"status": status}).status_code == 200
    after = list(Comment.objects.values()), AuditEntry.objects.count(), Delivery.objects.count()
    assert after == before


def test_moderating_needs_a_token(moss, comment) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(moss)
    assert strict.post(f"/studio/comments/{comment.pk}/approve/").status_code == 403
    assert Comment.objects.get().status == "pending"


@pytest.mark.expects_errors
def test_what_cannot_be_done_is_no_error(moss, comment) -> None:
    assert act(moss, comment, "nonsense").status_code == 404
    assert act(moss, comment, "pending").status_code == 404
    with pytest.raises(ValueError, match="a verdict is one of"):
        reject_comment(comment, by=None, verdict="approved")
    stale = Comment.objects.get()
    comment.delete()
    assert act(moss, stale, "approve").status_code == 404
    with pytest.raises(Refused, match="no longer exists"):
        approve_comment(stale, by=moss)


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/posts/on-mirrors/#comment-1", "/posts/on-mirrors/#comment-1"),
        ("https://evil.example/", "/studio/comments/"),
        ("//evil.example/", "/studio/comments/"),
        ("/\\evil.example/", "/studio/comments/"),
        ("javascript:alert(1)", "/studio/comments/"),
        ("https:evil.example", "/studio/comments/"),
        ("\x00//evil.example", "/studio/comments/"),
        ("/a\r\nSet-Cookie: x=1", None),
    ],
)
def test_the_way_back_stays_on_the_site(moss, comment, target, goes_to) -> None:
    answer = act(moss, comment, "approve", next=target)
    assert answer.status_code == 302
    assert "\n" not in answer.headers["Location"]
    assert "x" not in answer.cookies
    if goes_to:
        assert answer.headers["Location"] == goes_to


def test_the_queue_counts_what_it_lists(moss, post, rita, comment) -> None:
    for verdict in ("spam", "spam", "trash"):
        reject_comment(submit_comment(post, author=rita, body="x"), by=None, verdict=verdict)
    for status, count in {"pending": 1, "approved": 0, "spam": 2, "trash": 1}.items():
        page = client_of(moss).get("/studio/comments/", {"status": status})
        assert len(page.context["comments"]) == count
        assert {tab[0]: tab[2] for tab in page.context["tabs"]}[status] == count


# -- at once ------------------------------------------------------------------------------------


def test_two_moderators_approve_at_once(comment, moss, ada, mailoutbox) -> None:
    petra = person("petra", "Moderator")
    with captured(comment_approved) as sent:
        answers = together(
            *[
                lambda by=by: approve_comment(Comment.objects.get(pk=comment.pk), by=by)
                for by in (moss, petra)
            ]
        )
    assert sorted(answer.changed for answer in answers) == [False, True]
    assert len(sent) == 1
    winner = Comment.objects.get().moderator
    (told,) = [answer.sentence for answer in answers if not answer.changed]
    assert told.startswith(f"{winner.username} approved it on ")
    assert AuditEntry.objects.filter(verb="approved").count() == 1
    run_deliveries()
    assert sorted(m.to[0] for m in mailoutbox) == ["ada@example.org", "rita@example.org"]


def test_one_approves_while_another_rejects(comment, moss) -> None:
    petra = person("petra", "Moderator")
    for _ in range(5):
        Comment._base_manager.update(status="pending")
        together(
            lambda: approve_comment(Comment.objects.get(), by=moss),
            lambda: reject_comment(Comment.objects.get(), by=petra, verdict="spam"),
        )
        status = Comment.objects.get().status
        assert Post.objects.get().comment_count == (1 if status == "approved" else 0)
    run_deliveries()
    call_command("reconcile", "--check")


def test_many_comments_are_approved_at_once_and_counted(post, rita) -> None:
    rows = [submit_comment(post, author=rita, body=str(n)) for n in range(6)]
    together(*[lambda row=row: approve_comment(row, by=None) for row in rows])
    run_deliveries()
    assert Post.objects.get().comment_count == 6


def test_a_post_is_deleted_while_its_comment_is_approved(comment, post) -> None:
    def approve() -> object:
        try:
            return approve_comment(comment, by=None)
        except Refused as refusal:
            return refusal

    together(approve, lambda: delete_post(post, by=None))
    assert not Comment.objects.exists()
    run_deliveries()
    call_command("reconcile", "--check")
